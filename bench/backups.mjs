#!/usr/bin/env node
// A backup while people type, restored elsewhere: everything is in it that was acknowledged before it began. And the
// power goes at the n-th operation of a backup, of a restore and of a first start: afterwards there is all or
// nothing, and the same command works.
//
//   node bench/backups.mjs BINARY      N=power cuts (30), EDITORS=who type (100), SEED=of all chance (51)
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { execFile } from 'node:child_process'
import { chance } from './chance.mjs'
import { makeDocuments } from './collaboration.mjs'
import { sleep } from './figures.mjs'
import { EMAIL, Installation } from './installation.mjs'
import { Layer } from './layer.mjs'
import { Visitor } from './visitor.mjs'
import { Writer, everyIncident } from './writes.mjs'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/backups.mjs target/debug/debrief')
const cuts = Number(process.env.N ?? 30)
const editors = Number(process.env.EDITORS ?? 100)
const seed = Number(process.env.SEED ?? 51)
const random = chance(seed)

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-backups-'))
const running = []
process.on('exit', () => {
  for (const { process: child } of running) child?.kill('SIGKILL')
  fs.rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const total = { editors, acknowledged: 0, lost: 0, doubled: 0, writes: 0, writes_lost: 0, cuts: 0, unusable: 0, checks_failed: 0, backup_ms: 0, restore_ms: 0 }
const problem = (name, line) => {
  total[name]++
  console.log(line)
}
const place = name => path.join(folder, name)
// No backup holds the key; a restored record needs it to be whole.
const keyFile = path.join(place('source'), 'secret.key')

/** A command that may fail; answers how it ended and what it said. */
function run (args, env = {}) {
  return new Promise(resolve => execFile(binary, args, { env: { PATH: process.env.PATH, ...env } }, (error, out, said) => resolve({ fine: !error, signal: error?.signal ?? null, said: out + said })))
}

/** Serves a restored record, signed in. */
async function serve (dataDir) {
  const here = new Installation({ binary, dataDir, keyFile })
  running.push(here)
  const link = (await here.command(['user', 'link', EMAIL])).said.match(/\/links\/\S+/)[0]
  await here.start()
  const answer = await here.ask('POST', link, { body: '', type: 'application/x-www-form-urlencoded' })
  here.cookie = (answer.headers['set-cookie'] ?? []).map(line => line.split(';')[0]).join('; ')
  return here
}

const here = new Installation({ binary, dataDir: place('source') })
running.push(here)
await here.start()
await here.setUp()
const numbers = (await makeDocuments(here, Math.ceil(editors / 5))).map(url => url.match(/INC-\d+/)[0])
const visitors = Array.from({ length: editors }, (_, n) => new Visitor({ nodes: [here], home: 0, number: numbers[Math.floor(n / 5)], random, name: `v${n}`, client: 1_000 + n }))
while (!visitors.every(visitor => visitor.isReady)) await sleep(5)
for (const visitor of visitors) visitor.begin()
const writers = [0, 1].map(n => new Writer(here, random, `w${n}c0`))
const writing = writers.map(writer => writer.run())
let typing = true
for (const visitor of visitors) {
  const tick = () => {
    if (!typing) return
    visitor.type()
    setTimeout(tick, random.wait(1_000))
  }
  setTimeout(tick, random.wait(1_000))
}
await sleep(3_000)
// What somebody had been told when it began; what is never changed afterwards can be looked for.
const words = visitors.flatMap(visitor => visitor.acknowledged.map(({ word }) => ({ word, number: visitor.number })))
const writes = new Map(writers.flatMap(writer => [...writer.known].filter(([where]) => /\/(title|record\/)/.test(where))))
const began = performance.now()
await here.command(['backup', place('backup.zip')])
total.backup_ms = Math.ceil(performance.now() - began)
typing = false
for (const writer of writers) writer.running = false
await Promise.all(writing)
await Promise.all(visitors.map(visitor => visitor.leave()))
await here.stop()

/** Whether a restored record has everything. */
async function compare (dataDir, what) {
  await new Installation({ binary, dataDir, keyFile }).command(['check']).catch(error => problem('checks_failed', `${what}: ${error.message}`))
  const there = await serve(dataDir)
  const texts = new Map()
  for (const number of numbers) texts.set(number, JSON.stringify((await there.api('GET', `/postmortems/${number}`)).blocks))
  for (const { word, number } of words) {
    const found = texts.get(number).split(word).length - 1
    if (found !== 1) problem(found === 0 ? 'lost' : 'doubled', `${what}: “${word}” stands ${found} times in ${number}`)
  }
  const seen = await everyIncident(there)
  for (const [where, value] of writes) {
    const [number, sort, id] = where.split('/')
    const found = sort === 'title' ? seen.find(incident => incident.number === number)?.title === value : (await there.api('GET', `/incidents/${number}/evidence`)).items.some(record => record.source_id === id)
    if (!found) problem('writes_lost', `${what}: ${where} is not there`)
  }
  await there.stop()
}

const restoring = performance.now()
await new Installation({ binary, dataDir: place('restored') }).command(['restore', place('backup.zip')])
total.restore_ms = Math.ceil(performance.now() - restoring)
total.acknowledged = words.length
total.writes = writes.size
await compare(place('restored'), 'the restored record')

/** What is interrupted; each answers a folder whose record can be compared, or `null`. */
const ACTS = {
  restore: {
    args: data => ['--data-dir', `${data}/home`, 'restore', place('backup.zip')],
    async after (data) {
      const again = await run(['--data-dir', `${data}/home`, 'restore', place('backup.zip')])
      // It may have been complete already, and then it says that something is there.
      if (!again.fine && !/empty/.test(again.said)) problem('unusable', `after an interrupted restore: ${again.said}`)
      return `${data}/home`
    }
  },
  backup: {
    args: data => ['--data-dir', place('source'), 'backup', `${data}/one.zip`],
    async after (data) {
      const made = fs.existsSync(`${data}/one.zip`)
      if (!made) {
        const again = await run(['--data-dir', place('source'), 'backup', `${data}/one.zip`])
        if (!again.fine) problem('unusable', `after an interrupted backup: ${again.said}`)
      }
      const home = path.join(path.dirname(data), 'home')
      const restored = await run(['--data-dir', home, 'restore', `${data}/one.zip`])
      if (restored.fine) return home
      problem('unusable', `a backup that ${made ? 'was interrupted' : 'followed'} does not restore: ${restored.said}`)
      return null
    }
  },
  check: {
    // Opening makes the tables: a first start without its socket.
    args: data => ['--data-dir', `${data}/home`, 'check'],
    async after (data) {
      const again = await run(['--data-dir', `${data}/home`, 'check'])
      if (!again.fine) problem('unusable', `after an interrupted first start: ${again.said}`)
      return null
    }
  }
}
const most = {}
function newLayer (name) {
  fs.mkdirSync(place(name))
  const layer = new Layer(place(name))
  fs.mkdirSync(layer.data)
  return layer
}
for (const [name, act] of Object.entries(ACTS)) {
  const layer = newLayer(`count-${name}`)
  layer.count()
  const counted = await run(act.args(layer.data), layer.env)
  if (!counted.fine) throw new Error(`${name}: ${counted.said}`)
  most[name] = layer.seen
}
for (let n = 0; n < cuts; n++) {
  const name = Object.keys(ACTS)[n % 3]
  const layer = newLayer(`cut${n}`)
  // The last operations matter most: there half becomes whole.
  const after = random.happens(0.3) ? most[name] - random.whole(0, Math.min(8, most[name] - 1)) : random.whole(1, most[name])
  layer.kill({ after })
  const outcome = await run(ACTS[name].args(layer.data), layer.env)
  layer.heal()
  layer.cut(random)
  // Counts differ by an operation or two; one that came to its end was cut too late, and has to be whole.
  if (!outcome.fine && outcome.signal !== 'SIGKILL') problem('unusable', `${name} said: ${outcome.said}`)
  const result = await ACTS[name].after(layer.data)
  if (result) await compare(result, `after a power cut at operation ${after} of ${most[name]} of ${name}`)
  fs.rmSync(place(`cut${n}`), { recursive: true, force: true })
  total.cuts++
}
console.log(Object.entries({ ...total, ...Object.fromEntries(Object.entries(most).map(([name, count]) => [`${name}_operations`, count])) }).map(([key, value]) => `${key}=${value}`).join(' '))
const bad = total.lost + total.doubled + total.writes_lost + total.unusable + total.checks_failed
process.exit(bad === 0 && total.acknowledged > 0 && total.writes > 0 ? 0 : 1)
