// Timelines of 1 to 5,000 events: how long the server takes for their page, and how smoothly a browser scrolls it.
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { chance } from './chance.mjs'
import { percentile } from './figures.mjs'

const PEOPLE = ['Noor Haan', 'Rafe Okoro', 'Ada Sund', 'Ilse Brandt', 'Teun Vos', 'Mirjam Lind', 'Kofi Adu', 'Sanne Wit', 'Pelle Holm', 'Yara Deen', 'Otto Klein', 'Bea Roth']
const DID = ['restarted', 'checked', 'drained', 'paged the owner of', 'compared', 'rolled back', 'told customers about', 'looked into']
const WHAT = ['the ledger', 'the north line', 'the replica of depot 4', 'the label printer', 'the tariff table', 'the queue of returns']

/** So many events are on the page from the start; nothing comes while they are scrolled. */
const WHOLE = 300

/** Log entries of one PagerDuty incident with `count` notes over six hours, as the REST API answers them. */
function notes (count, seed) {
  const r = chance(seed)
  const begin = Date.UTC(2026, 2, 2, 6)
  const id = `QTIMELINE${seed}`
  const service = { id: 'PLEDGER', type: 'service_reference', summary: 'Ledger', self: null, html_url: null }
  const incident = { id, type: 'incident_reference', summary: `[#${seed}] Entries arrive twice`, self: null, html_url: null }
  const entry = (n, type, agent, more) => ({ id: `R${seed}N${n}`, type: `${type}_log_entry`, summary: type, created_at: new Date(begin + Math.floor(n * 21_600_000 / count)).toISOString().replace(/\.\d+/, ''), agent, service, incident, teams: [], contexts: [], ...more })
  const log = []
  for (let n = 0; n < count; n++) {
    const name = r.pick(PEOPLE)
    const note = `${r.pick(DID)} ${r.pick(WHAT)}, ${r.whole(1, 99)} of ${r.whole(100, 900)} entries look right (${n})`
    log.push(entry(n, 'annotate', { id: `P${PEOPLE.indexOf(name)}`, type: 'user_reference', summary: name, self: null, html_url: null }, { channel: { type: 'note', summary: note, content: note } }))
  }
  return JSON.stringify({ log_entries: log, limit: 100, offset: 0, more: false, total: null })
}

/** An incident with `count` events; answers its number. */
async function incidentOf (here, folder, count) {
  const { number } = await here.api('POST', '/incidents', { title: `Entries arrive twice (${count} events)` })
  const file = path.join(folder, `notes-${count}.json`)
  fs.writeFileSync(file, notes(count, count))
  await here.command(['import', 'pagerduty', file, '--incident', number])
  const { items } = await here.api('GET', `/incidents/${number}/timeline`)
  if (items.length < count) throw new Error(`${items.length} events came of ${count} notes`)
  return number
}

/** Milliseconds from asking to the last byte, one request after the other on one connection. */
async function asked (here, address, times) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const took = []
  let bytes = 0
  for (let n = -5; n < times; n++) {
    const began = performance.now()
    const answer = await here.ask('GET', address, { agent, headers: { 'accept-encoding': 'gzip' } })
    if (answer.status !== 200) throw new Error(`${address} answered ${answer.status}`)
    if (n >= 0) took.push(performance.now() - began)
    bytes = answer.body.length
  }
  agent.destroy()
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99), kb: bytes / 1000 }
}

/** Scrolls the list of an incident from top to bottom, one step a frame, and reads when frames came. */
async function scrolled (here, number, step) {
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'] })
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const [name, value] = here.cookie.split('=')
    await context.addCookies([{ name, value, url: here.origin }])
    const page = await context.newPage()
    await page.goto(`${here.origin}/incidents/${number}`, { waitUntil: 'networkidle' })
    return await page.evaluate(async step => {
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
      const list = document.querySelector('.events')
      const events = () => document.querySelectorAll('.events > .event, .folded > .event').length
      for (const fold of document.querySelectorAll('.event.fold details')) fold.open = true
      scrollTo(0, list.getBoundingClientRect().top + scrollY)
      for (let n = 0; n < 30; n++) await frame()
      const at = []
      const before = events()
      let [last, waited] = [-1, 0]
      // At the end of what has come, the next part is waited for.
      while (at.length < 1_200 && (scrollY !== last || (document.querySelector('[data-more]') && waited++ < 60))) {
        last = scrollY
        scrollBy({ top: step, behavior: 'instant' })
        at.push(await frame())
      }
      const between = at.slice(1).map((time, n) => time - at[n]).sort((a, b) => a - b)
      const seconds = (at.at(-1) - at[0]) / 1000
      return { fps: (at.length - 1) / seconds, p99: between[Math.floor(between.length * 0.99)], frames: at.length, late: between.filter(ms => ms > 25).length, before, after: events() }
    }, step)
  } finally {
    await browser.close()
  }
}

/** Pages of 1, 50, 300, 500 and 5,000 events; scrolling 300 as they stand, and the largest while its parts come. */
export async function measureTimelines (here, folder, { sizes = [1, 50, WHOLE, 500, 5_000], times = 100 } = {}) {
  const pages = []
  const numbers = new Map()
  for (const count of sizes) {
    numbers.set(count, await incidentOf(here, folder, count))
    pages.push({ count, ...(await asked(here, `/incidents/${numbers.get(count)}`, times)) })
  }
  const largest = numbers.get(Math.max(...sizes))
  const scroll = []
  try {
    if (numbers.has(WHOLE)) scroll.push({ count: WHOLE, ...(await scrolled(here, numbers.get(WHOLE), 120)) })
    scroll.push({ count: Math.max(...sizes), ...(await scrolled(here, largest, 120)) })
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  }
  return { pages, scroll, largest }
}
