// Pages with ten thousand incidents: how long they take under a steady mix, and how many bytes they cost.
import { load } from './http-load.mjs'
import { percentile } from './figures.mjs'

const WORDS = ['tariff', 'depot', 'replica', 'north line', 'label-printer', 'conveyor', 'stalls', 'certificate rejects']
const TYPED = ['tar', 'lab', 'inc-44', 'night', 'con', '77']

const word = random => encodeURIComponent(random.pick(WORDS))

/** The kinds of pages; `some` answers the number of one of two hundred incidents, spread over all of them. */
const mix = some => [
  { name: 'list', weight: 4, path: () => '/incidents' },
  { name: 'list with words', weight: 3, path: random => `/incidents?words=${word(random)}` },
  { name: 'incident', weight: 5, path: random => `/incidents/INC-${some(random)}` },
  { name: 'reading view', weight: 4, path: random => `/postmortems/INC-${some(random)}` },
  { name: 'library', weight: 2, path: () => '/postmortems' },
  { name: 'evidence search', weight: 2, path: random => `/incidents/INC-${some(random)}/evidence?words=${word(random)}` },
  { name: 'palette', weight: 2, path: random => `/palette?q=${encodeURIComponent(random.pick(TYPED))}` }
]

/** Latency of each page under the mix, and of the evidence of the one incident that has 60,000 pieces. */
export async function measurePages (here, { incidents, large, rate = 100, warmUp = 3, seconds = 15 }) {
  const run = (kinds, more) => load({ port: here.port, cookie: here.cookie, mix: kinds, rate, warmUp, seconds, ...more })
  const before = here.cost()
  const began = performance.now()
  const results = await run(mix(random => 2 + Math.floor(incidents / 200) * random.whole(0, 199)))
  const elapsed = (performance.now() - began) / 1000
  const after = here.cost()
  const figures = Object.entries(results).map(([name, { ms, failed }]) => ({ name, p50: percentile(ms, 0.5), p99: percentile(ms, 0.99), answered: ms.length, failed }))
  const all = Object.values(results).flatMap(({ ms }) => ms)
  const largeMix = [{ name: 'large', weight: 1, path: random => `/incidents/${large}/evidence?words=${word(random)}` }]
  const { large: inLarge } = await run(largeMix, { rate: 5, warmUp: 1, seconds: 6 })
  return {
    pages: figures,
    p50: percentile(all, 0.5),
    p99: percentile(all, 0.99),
    failed: figures.reduce((sum, page) => sum + page.failed, 0),
    cpuMs: (after.cpu - before.cpu) * 1000 / (rate * elapsed),
    mb: after.mb,
    large: { p50: percentile(inLarge.ms, 0.5), p99: percentile(inLarge.ms, 0.99), failed: inLarge.failed }
  }
}

const WEIGHED = ['/sign-in', '/incidents', '/incidents?words=depot', '/incidents/INC-52', '/incidents/INC-52/evidence', '/postmortems', '/postmortems/INC-52', '/follow-ups', '/settings']

/** Bytes on the wire of a page and all it asks for, by a browser that has been nowhere before. */
export async function measureBytes (here) {
  const browser = await chromium()
  const pages = []
  for (const path of WEIGHED) pages.push({ path, ...(browser ? await seen(browser, here, path) : await read(here, path)) })
  await browser?.close()
  return { pages, most: Math.max(...pages.map(page => page.kb)), fontKb: Math.max(...pages.map(page => page.fontKb)), how: browser ? 'chromium' : 'no browser here, so links were followed' }
}

async function chromium () {
  try {
    const { chromium } = await import('playwright-core')
    return await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'] })
  } catch {
    return null
  }
}

async function seen (browser, here, path) {
  const context = await browser.newContext()
  const [name, value] = here.cookie.split('=')
  if (path !== '/sign-in') await context.addCookies([{ name, value, url: here.origin }])
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  const sorts = new Map()
  const bytes = { Document: 0, Stylesheet: 0, Script: 0, Font: 0 }
  devtools.on('Network.responseReceived', ({ requestId, type }) => sorts.set(requestId, type))
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const sort = sorts.get(requestId)
    bytes[sort] = (bytes[sort] ?? 0) + encodedDataLength
  })
  await page.goto(here.origin + path, { waitUntil: 'networkidle' })
  await context.close()
  const total = Object.values(bytes).reduce((sum, part) => sum + part, 0)
  return { kb: total / 1000, fontKb: bytes.Font / 1000, htmlKb: bytes.Document / 1000 }
}

async function read (here, path) {
  const packed = async address => (await here.ask('GET', address, { headers: { 'accept-encoding': 'gzip', ...(path === '/sign-in' ? { cookie: '' } : {}) } })).body.length
  const { body } = await here.ask('GET', path)
  const assets = new Set([...body.toString().matchAll(/(?:href|src)="(\/assets\/[^"]+\.(?:css|js))"/g)].map(match => match[1]))
  const html = await packed(path)
  let total = html
  for (const asset of assets) total += await packed(asset)
  return { kb: total / 1000, fontKb: 0, htmlKb: html / 1000 }
}
