#!/usr/bin/env node
// Measures speed and size of a release build on loopback and prints one table. See README.md.
//
//   node bench/run.mjs BINARY [all|import|sources|pages|timeline|start|together|crash]…
//
// N=cycles of the crash measurement (5), EDITORS=500,1000, INCIDENTS=10000 for pages and start.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { writeCorpus } from './corpus.mjs'
import { figure, table } from './figures.mjs'
import { Installation } from './installation.mjs'
import { measureImport } from './import.mjs'
import { measureBytes, measurePages } from './pages.mjs'
import { startPostgres } from './postgres.mjs'
import { measureStart } from './start.mjs'
import { measureTimelines } from './timeline.mjs'
import { measureWebhooks } from './webhooks.mjs'

const [binary, ...wanted] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/run.mjs target/release/debrief')
const wants = part => wanted.length === 0 || wanted.includes('all') || wanted.includes(part)
const cycles = Number(process.env.N ?? 5)
const incidents = Number(process.env.INCIDENTS ?? 10_000)
const many = incidents.toLocaleString('en')
const editors = (process.env.EDITORS ?? '500,1000').split(',').map(Number)

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-bench-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const began = performance.now()
const say = text => process.stderr.write(`[${figure((performance.now() - began) / 1000)} s] ${text}\n`)
const rows = [['what', 'target', 'measured', '', 'how']]
const pairs = {}
/** One line of the table: `limit` is the most that meets the target. */
function row (key, what, value, unit, limit, how) {
  pairs[key] = figure(value)
  const verdict = limit === null ? '' : value <= limit ? 'met' : 'MISSED'
  rows.push([what, limit === null ? '' : `≤ ${limit} ${unit}`, `${figure(value)} ${unit}`, verdict, how])
}

say('writing the corpus')
const corpus = writeCorpus(folder, incidents)
const load = () => `load ${os.loadavg()[0].toFixed(1)}`
const loadBefore = os.loadavg()[0]

if (wants('import')) {
  say('importing into SQLite')
  const sqlite = await measureImport({ binary, dataDir: path.join(folder, 'import') }, corpus)
  row('import_s', 'import to searchable timeline, SQLite', sqlite.seconds, 's', 3, `50,000 Slack messages ${figure(sqlite.slackSeconds)} s, then 10,807 PagerDuty log entries ${figure(sqlite.pagerdutySeconds)} s; ${figure(sqlite.cpu)} s of processor; ${load()}`)
  row('import_peak_mb', 'import, peak memory', sqlite.peakMb, 'MB', 300, `VmHWM of debrief import; the server beside it ${figure(sqlite.serverPeakMb)} MB`)
  row('import_again_added', 'the same export again, new records', sqlite.addedAgain, 'records', 0, `${sqlite.evidence} pieces of evidence, ${sqlite.events} events`)
  say('importing into PostgreSQL')
  const databaseUrl = startPostgres(folder)
  if (databaseUrl) {
    const postgres = await measureImport({ binary, dataDir: path.join(folder, 'import-postgres'), databaseUrl }, corpus)
    row('import_postgres_s', 'import to searchable timeline, PostgreSQL', postgres.seconds, 's', null, `local cluster without fsync; ${figure(postgres.cpu)} s of processor without the database's`)
    row('import_postgres_peak_mb', 'import, peak memory, PostgreSQL', postgres.peakMb, 'MB', 300, 'VmHWM of debrief import')
  }
}

if (wants('timeline')) {
  const here = new Installation({ binary, dataDir: path.join(folder, 'timelines') })
  await here.start()
  await here.setUp()
  try {
    say('opening timelines')
    const { pages, scroll } = await measureTimelines(here, folder)
    for (const page of pages) row(`timeline_${page.count}_p99_ms`, `timeline of ${page.count.toLocaleString('en')} events, p99`, page.p99, 'ms', 100, `p50 ${figure(page.p50)} ms from asking to the last byte, gzip, 100 requests in turn; ${figure(page.kb)} kB; ${load()}`)
    for (const it of scroll) {
      const how = it.before === it.after ? 'as they stand' : 'while their parts come'
      row(`timeline_${it.count}_frame_p99_ms`, `scrolling ${it.count.toLocaleString('en')} events ${how}, from frame to frame, p99`, it.p99, 'ms', 20, `${figure(it.fps)} frames/s over ${it.frames} frames of 120 pixels, ${it.late} later than 25 ms; ${it.before} rows at first, ${it.after} at the end; ${load()}`)
    }
  } finally {
    await here.stop()
  }
}

if (wants('sources')) {
  const rate = Number(process.env.RATE ?? 1_000)
  say(`sending ${rate} webhooks a second`)
  const sent = await measureWebhooks({ binary, dataDir: path.join(folder, 'webhooks') }, { rate, seconds: Number(process.env.SECONDS ?? 10) })
  row('webhooks_refused', `${rate.toLocaleString('en')} webhooks a second, not stored`, sent.count - sent.accepted, 'webhooks', 0, `${sent.accepted} of ${sent.count} answered with 202 after the commit; ${figure(sent.rate)} a second; ${load()}`)
  row('webhooks_p99_ms', 'webhook to 202, p99', sent.p99, 'ms', null, `p50 ${figure(sent.p50)} ms; ${figure(sent.cpu / sent.count * 1e6)} µs of processor each, reading what came included`)
  row('webhooks_missing', 'webhooks that are no evidence afterwards', sent.accepted - sent.evidence, 'webhooks', 0, `all read ${figure(sent.processed)} s after the first; ${sent.brokeOff} in no incident or failed`)
}

if (['pages', 'start', 'together', 'crash'].some(wants)) {
  const here = new Installation({ binary, dataDir: path.join(folder, 'large') })
  await here.start()
  await here.setUp()
  try {
    if (wants('pages') || wants('start')) {
      say(`bringing in ${many} incidents`)
      const large = (await here.api('POST', '/incidents', { title: 'Ledger entries arrive twice' })).number
      const seeded = await here.command(['import', 'pagerduty', ...corpus.many])
      row('seed_s', `${many} incidents with six log entries each`, seeded.seconds, 's', null, `one import; ${figure(seeded.cpu)} s of processor, ${figure(seeded.peakMb)} MB`)
      await here.command(['import', 'slack', corpus.slack, '--incident', large])
      await here.command(['import', 'pagerduty', ...corpus.pagerduty, '--incident', large])
      if (wants('start')) {
        say('starting and killing')
        const start = await measureStart(here)
        row('start_ms', `exec to ready, ${many} incidents`, start.afterStop, 'ms', 200, `median of 5 after SIGTERM, most ${figure(start.afterStopMost)} ms; ${figure(start.startCpuMs)} ms of processor`)
        row('start_after_kill_ms', 'exec to ready after kill -9', start.afterKillMost, 'ms', 1000, `most of 5, median ${figure(start.afterKill)} ms`)
        row('idle_mb', 'idle memory', start.idleMb, 'MB', 60, 'VmRSS 2 s after start')
      }
      if (wants('pages')) {
        say('asking for pages')
        const pages = await measurePages(here, { incidents, large })
        for (const page of pages.pages) row(`p99_${page.name.replaceAll(' ', '_')}_ms`, `${page.name}, p99`, page.p99, 'ms', 20, `p50 ${figure(page.p50)} ms, ${page.answered} requests of the mix`)
        row('p99_ms', 'all pages, p99', pages.p99, 'ms', 20, `100 requests/s open loop for 15 s; p50 ${figure(pages.p50)} ms, ${figure(pages.cpuMs)} ms of processor a request; ${load()}`)
        row('failed', 'all pages, failed', pages.failed + pages.large.failed, 'requests', 0, 'anything but 200')
        row('p99_large_ms', 'search 60,807 pieces of one incident, p99', pages.large.p99, 'ms', 50, `p50 ${figure(pages.large.p50)} ms; 5 requests/s`)
        row('loaded_mb', 'memory after that load', pages.mb, 'MB', 250, 'VmRSS')
        const bytes = await measureBytes(here)
        for (const page of bytes.pages) row(`kb_${page.path.replaceAll(/\W+/g, '_').replace(/^_/, '')}`, `bytes of ${page.path}`, page.kb - page.fontKb, 'kB', 60, `cold, gzip, with style and scripts (${bytes.how}); the page itself ${figure(page.htmlKb)}`)
        if (bytes.fontKb > 0) row('kb_with_fonts', 'bytes of the largest page with its fonts', bytes.most, 'kB', 60, `first visit only, then kept for a year; fonts ${figure(bytes.fontKb)}`)
      }
    }
    if (wants('together')) {
      say('writing together')
      const { measureIdle, measureTyping } = await import('./collaboration.mjs')
      const rooms = [...editors.map(count => ({ count, each: 5, limit: count > 500 ? 100 : 25, where: 'documents of 5' })), { count: 150, each: 150, limit: 50, where: 'one document' }]
      const peers = (figures, value) => Object.entries(figures).filter(([name]) => name !== 'debrief').map(([name, it]) => `${name} ${value(it)}`).join(', ') || 'no other server was there'
      for (const { count, each, limit, where } of rooms) {
        say(`${count} editors in ${where}`)
        const figures = await measureTyping(here, count, each)
        const [key, ours] = [each === 5 ? count : `one_${count}`, figures.debrief]
        row(`together_${key}_p99_ms`, `${count} editors in ${where}, key to other screen, p99`, ours.p99, 'ms', limit, `4 keys/s each, on disk before relayed; ${figure(ours.keysPerSecond)} keys/s; p50 ${figure(ours.p50)} ms; in memory only: ${peers(figures, it => `${figure(it.p50)} and ${figure(it.p99)} ms`)}; generator late by ${figure(ours.generatorDelayP99)} ms; ${figure(ours.stolen * 100)} % of the machine went to others; ${load()}`)
        row(`together_${key}_micros`, `${count} editors in ${where}, processor a key`, ours.microsPerKey, 'µs', each === 5 ? 100 : null, `server ${figure(ours.serverCores)} cores, ${figure(ours.mb)} MB; ${peers(figures, it => `${figure(it.microsPerKey)} µs, ${figure(it.mb)} MB`)}`)
        row(`together_${key}_lost`, `${count} editors in ${where}, keys not seen or sockets closed`, ours.undelivered + ours.closed, 'keys', 0, peers(figures, it => it.undelivered + it.closed))
        for (const [name, it] of Object.entries(figures)) if (name !== 'debrief') Object.assign(pairs, { [`${name.replace(/\W/, '_')}_${key}_p99_ms`]: figure(it.p99), [`${name.replace(/\W/, '_')}_${key}_micros`]: figure(it.microsPerKey) })
      }
      say('leaving documents open')
      const idle = await measureIdle(here)
      row('typed_document_kb', 'open document of 20,000 characters, just typed', idle.debrief.typedKb, 'KiB', null, `600 of them, one connection each; ${peers(idle, it => `${figure(it.typedKb)} KiB`)}`)
      row('idle_document_kb', 'the same idle for a minute', idle.debrief.openKb, 'KiB', 150, ` ${peers(idle, it => `${figure(it.openKb)} KiB`)}`)
      row('left_document_kb', 'the same after everybody left', idle.debrief.leftKb, 'KiB', 2, `resident memory that stays with the process; ${peers(idle, it => `${figure(it.leftKb)} KiB`)}`)
      for (const [name, it] of Object.entries(idle)) if (name !== 'debrief') pairs[`${name.replace(/\W/, '_')}_idle_document_kb`] = figure(it.openKb)
    }
    if (wants('crash')) {
      say(`killing under typing editors, ${cycles} cycles`)
      const { measureCrashes } = await import('./crash.mjs')
      const crash = await measureCrashes(here, cycles)
      row('crash_lost', 'kill -9 while typing, acknowledged edits lost', crash.lost, 'edits', 0, `${crash.cycles} cycles, ${crash.acknowledged} acknowledged or seen by others of ${crash.typed} keys`)
      row('crash_unreadable', 'kill -9 while typing, documents unreadable', crash.unreadable, 'documents', 0, `ready again after at most ${figure(crash.readyMost)} ms`)
      Object.assign(pairs, { crash_cycles: crash.cycles, crash_acknowledged: crash.acknowledged })
    }
  } finally {
    await here.stop()
  }
}

say('done')
console.log(table(rows))
console.log(`\n${os.cpus().length} × ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.version}; load ${loadBefore.toFixed(1)} before, ${os.loadavg()[0].toFixed(1)} after; ${figure((performance.now() - began) / 1000)} s in all\n`)
console.log(Object.entries(pairs).map(([key, value]) => `${key}=${value}`).join(' '))
process.exit(0)
