#!/usr/bin/env node
// Mixed load for minutes: does memory grow, do open files, does the log of the database? Slopes by least squares over
// the second half, when caches are full.
//
//   node bench/soak.mjs BINARY      N=minutes (10), EDITORS=who type (30), SEED=of all chance (71)
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chance } from './chance.mjs'
import { makeDocuments } from './collaboration.mjs'
import { cost, sleep } from './figures.mjs'
import { Installation } from './installation.mjs'
import { Visitor } from './visitor.mjs'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/soak.mjs target/release/debrief')
const minutes = Number(process.env.N ?? 10)
const editors = Number(process.env.EDITORS ?? 30)
const random = chance(Number(process.env.SEED ?? 71))
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-soak-'))
const here = new Installation({ binary, dataDir: path.join(folder, 'data') })
process.on('exit', () => {
  here.process?.kill('SIGKILL')
  fs.rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

await here.start()
await here.setUp()
const samples = []
const began = performance.now()
const hours = () => (performance.now() - began) / 3.6e6
let running = true
let requests = 0
const size = name => { try { return fs.statSync(path.join(folder, 'data', name)).size / 1e6 } catch { return 0 } }
async function watch () {
  while (running) {
    const { mb } = cost(here.process.pid)
    samples.push({ at: hours(), mb, files: fs.readdirSync(`/proc/${here.process.pid}/fd`).length, wal: size('debrief.sqlite-wal') })
    await sleep(1_000)
  }
}
/** Somebody who reads and writes at a walking pace. */
async function read () {
  while (running) {
    const { number } = await here.api('POST', '/incidents', { title: 'One of many' })
    for (const place of ['/incidents', `/incidents/${number}`, '/postmortems', '/follow-ups', '/palette?words=many']) await here.ask('GET', place)
    await here.api('POST', `/incidents/${number}/timeline`, { at: '2026-11-14T05:47:12Z', kind: 'note', title: 'Seen' })
    requests += 7
    await sleep(random.wait(300))
  }
}
/** Editors come, type for half a minute and go, each time into new documents. */
async function write (n) {
  while (running) {
    const [url] = await makeDocuments(here, 1)
    const visitors = Array.from({ length: 5 }, (_, m) => new Visitor({ nodes: [here], home: 0, number: url.match(/INC-\d+/)[0], random, name: `v${n}m${m}`, client: 1_000 + n * 10 + m }))
    while (!visitors.every(visitor => visitor.isReady)) await sleep(20)
    for (const visitor of visitors) visitor.begin()
    const until = performance.now() + 30_000
    while (running && performance.now() < until) {
      for (const visitor of visitors) visitor.type()
      await sleep(random.wait(300))
    }
    await Promise.all(visitors.map(visitor => visitor.leave()))
  }
}
const work = [watch(), read(), read(), ...Array.from({ length: Math.ceil(editors / 5) }, (_, n) => write(n))]
await sleep(minutes * 60_000)
running = false
await Promise.all(work)
await here.stop()

const half = samples.slice(Math.floor(samples.length / 2))
function slope (key) {
  const mean = name => half.reduce((sum, sample) => sum + sample[name], 0) / half.length
  const [x, y] = [mean('at'), mean(key)]
  return half.reduce((sum, sample) => sum + (sample.at - x) * (sample[key] - y), 0) / half.reduce((sum, sample) => sum + (sample.at - x) ** 2, 0)
}
const last = samples.at(-1)
console.log(`minutes=${minutes} editors=${editors} requests=${requests} rss_mb=${last.mb.toFixed(1)} rss_slope_mb_per_hour=${slope('mb').toFixed(2)} files=${last.files} files_slope_per_hour=${slope('files').toFixed(2)} wal_most_mb=${Math.max(...samples.map(sample => sample.wal)).toFixed(1)}`)
