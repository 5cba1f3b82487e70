#!/usr/bin/env node
// A disk that fails: the n-th write, fsync or making of a file answers with an error, for one n after the other, while
// editors type and scripts write. Whoever was told that something is saved keeps it, whoever was not is told so
// plainly, nothing panics, and as soon as the disk is sound again everything goes on by itself. Now and then the
// power goes too, because after a failed fsync nobody knows what is on disk.
//
//   node bench/faults.mjs BINARY      N=the largest n (200), SEED=of all chance (41), STARTS=failing starts (N / 10)
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chance } from './chance.mjs'
import { makeDocuments } from './collaboration.mjs'
import { sleep } from './figures.mjs'
import { freePort } from './installation.mjs'
import { ALL, ENTRY, Layer, PoweredInstallation, SIZE, SYNC, WRITE } from './layer.mjs'
import { Visitor } from './visitor.mjs'
import { Writer, everyIncident } from './writes.mjs'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/faults.mjs target/debug/debrief')
const most = Number(process.env.N ?? 200)
const starts = Number(process.env.STARTS ?? Math.ceil(most / 10))
const seed = Number(process.env.SEED ?? 41)
const random = chance(seed)
/** What fails, and how. */
const SORTS = [
  { sorts: WRITE, error: 'EIO' }, { sorts: SYNC, error: 'EIO' }, { sorts: WRITE, error: 'ENOSPC' },
  { sorts: SYNC | WRITE, error: 'EIO' }, { sorts: SIZE | ENTRY, error: 'EROFS' }, { sorts: ALL, error: 'EROFS' },
  { sorts: SYNC, error: 'ENOSPC' }, { sorts: ALL, error: 'ENOSPC' }
]
/** How often in a row; 0: until it is healed. */
const TIMES = [1, 1, 3, 0]
/** After so many failures the record is compared, half of the times after a power cut. */
const BLOCK = 25
const FOR_EVER = 30_000

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-faults-'))
const log = path.join(folder, 'log')
let here
process.on('exit', () => {
  here?.process?.kill('SIGKILL')
  fs.rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const total = { faults: 0, hit: 0, acknowledged: 0, lost: 0, doubled: 0, writes: 0, writes_lost: 0, refused: 0, unclear: 0, turned_away: 0, panics: 0, not_recovered: 0, starts: 0, checks_failed: 0, slowest_back_ms: 0 }
const problem = (name, line) => {
  total[name]++
  console.log(`n=${total.faults}: ${line}`)
}
const panics = () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8').match(/panicked at.*/g) ?? [] : [])

function newLayer (name) {
  const own = path.join(folder, name)
  fs.mkdirSync(own)
  return new Layer(own)
}

/** One start on an empty disk whose n-th operation fails: it serves or says why not, and the next one serves. */
async function start (n) {
  const layer = newLayer(`start${n}`)
  const { sorts, error } = random.pick(SORTS)
  layer.fail({ sorts, error, after: random.whole(1, sorts === ALL ? 250 : sorts === WRITE ? 180 : 12), times: random.pick(TIMES) })
  const port = await freePort()
  const child = spawn(binary, ['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', layer.data], { env: { PATH: process.env.PATH, ...layer.env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', bytes => { said += bytes })
  const ended = once(child, 'exit')
  const outcome = await Promise.race([ended.then(([code]) => code), sleep(1_000).then(() => 'serves')])
  if (outcome === 'serves') {
    layer.heal()
    child.kill('SIGKILL')
    await ended
  } else if (outcome === 0 || !/cannot|failed/.test(said)) problem('unclear', `a start that met ${error} ended with ${outcome} and said “${said.trim()}”`)
  if (/panicked/.test(said)) problem('panics', said)
  layer.heal()
  layer.cut(random)
  const again = new PoweredInstallation({ binary, layer, random })
  again.log = log
  await again.start().then(() => again.stop(), () => problem('not_recovered', `after a start that met ${error} no later one works`))
  await again.end('SIGKILL')
  total.starts++
}

const layer = newLayer('disk')
here = new PoweredInstallation({ binary, layer, random })
here.log = log
await here.start()
await here.setUp()
let client = 1_000
let block = 0

/** A stretch of failures with the same writers and editors, and then a look at the record. */
async function stretch (first, last) {
  block++
  const numbers = (await makeDocuments(here, 2)).map(url => url.match(/INC-\d+/)[0])
  const visitors = numbers.flatMap((number, d) => [0, 1].map(n => new Visitor({ nodes: [here], home: 0, number, random, name: `v${block}d${d}n${n}`, client: client++ })))
  while (!visitors.every(visitor => visitor.isReady)) await sleep(5)
  for (const visitor of visitors) visitor.begin()
  const writers = [0, 1, 2].map(n => new Writer(here, random, `w${n}c${block}`, { stays: true }))
  const writing = writers.map(writer => writer.run())
  let typing = true
  for (const visitor of visitors) {
    const tick = () => {
      if (!typing) return
      visitor.type()
      setTimeout(tick, random.wait(80))
    }
    tick()
  }
  for (let n = first; n <= last; n++) {
    const times = random.pick(TIMES)
    const { sorts, error } = SORTS[n % SORTS.length]
    layer.fail({ sorts, error, after: sorts === (SIZE | ENTRY) ? n % 7 + 1 : n, times })
    const until = performance.now() + 5_000
    while (layer.hit < Math.max(1, times) && performance.now() < until) await sleep(2)
    if (times === 0) await sleep(50)
    total.faults++
    total.hit += layer.hit > 0 ? 1 : 0
    layer.heal()
    const healed = performance.now()
    let back = false
    while (!back && performance.now() - healed < FOR_EVER) {
      const answer = await here.ask('POST', '/api/v1/incidents', { body: '{"title":"Are you there"}', timeout: 10_000 }).catch(() => null)
      back = answer?.status < 300
      if (!back) await sleep(5)
    }
    if (!back) problem('not_recovered', `after ${error} nothing can be written any more`)
    total.slowest_back_ms = Math.max(total.slowest_back_ms, Math.ceil(performance.now() - healed))
  }
  for (const writer of writers) writer.running = false
  await Promise.all(writing)
  typing = false
  const until = performance.now() + FOR_EVER
  while (!visitors.every(visitor => visitor.isSettled) && performance.now() < until) await sleep(5)
  for (const visitor of visitors) {
    if (!visitor.isSettled) problem('not_recovered', `${visitor.name} does not get its words saved; closed with ${visitor.copy.closed}`)
    // With these codes the editor stays away for good.
    for (const code of visitor.copy.closed) if (code >= 4400 && code < 4500) problem('turned_away', `${visitor.name} was sent away with ${code}`)
  }
  const acknowledged = visitors.map(visitor => [visitor, visitor.acknowledged])
  await Promise.all(visitors.map(visitor => visitor.leave()))
  if (block % 2 === 0) {
    await here.kill()
    await here.start()
  }
  for (const [visitor, words] of acknowledged) {
    const { blocks } = await here.api('GET', `/postmortems/${visitor.number}`)
    const text = JSON.stringify(blocks)
    total.acknowledged += words.length
    for (const { word } of words) {
      const found = text.split(word).length - 1
      if (found !== 1) problem(found === 0 ? 'lost' : 'doubled', `“${word}” stands ${found} times`)
    }
  }
  const seen = await everyIncident(here)
  for (const writer of writers) {
    const { lost, doubled } = await writer.compare(seen)
    for (const line of lost) problem('writes_lost', line)
    for (const word of doubled) problem('doubled', word)
    for (const line of writer.failed) problem('unclear', line)
    for (const line of writer.refused) console.log(`n=${total.faults}: refused: ${line}`)
    total.writes += writer.writes
    total.refused += writer.unanswered
  }
  await here.command(['check']).catch(error => problem('checks_failed', error.message))
}

const began = performance.now()
for (let n = 1; n <= starts; n++) await start(n)
for (let n = 1; n <= most; n += BLOCK) await stretch(n, Math.min(most, n + BLOCK - 1))
await here.stop()
for (const line of panics()) problem('panics', line)
console.log(Object.entries(total).map(([key, value]) => `${key}=${value}`).join(' ') + ` seconds=${Math.round((performance.now() - began) / 1000)}`)
const bad = total.lost + total.doubled + total.writes_lost + total.unclear + total.turned_away + total.panics + total.not_recovered + total.checks_failed
process.exit(bad === 0 && total.acknowledged > 0 && total.writes > 0 && total.hit > 0 ? 0 : 1)
