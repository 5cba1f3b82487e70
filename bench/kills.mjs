#!/usr/bin/env node
// kill -9 while editors type and writers write; afterwards the record has all that anybody was told it has.
//
//   node bench/kills.mjs BINARY      N=cycles (20), SEED=of all chance (21),
//                                    LAYER=torn: the power goes with it, and takes or tears what no fsync covered;
//                                    LAYER=lying: fsync does nothing, by which the trial shows that it can fail
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chance } from './chance.mjs'
import { measureCrashes } from './crash.mjs'
import { Installation } from './installation.mjs'
import { Layer, PoweredInstallation } from './layer.mjs'
import { Writer, everyIncident } from './writes.mjs'

const WRITERS = 4
const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/kills.mjs target/debug/debrief')
const cycles = Number(process.env.N ?? 20)
const seed = Number(process.env.SEED ?? 21)
const random = chance(seed)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-crash-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const kind = process.env.LAYER ?? ''
if (!['', 'torn', 'lying'].includes(kind)) throw new Error('LAYER is torn, lying or nothing.')
const here = kind
  ? new PoweredInstallation({ binary, layer: new Layer(folder, { lies: kind === 'lying', syncMicroseconds: 2_000 }), random })
  : new Installation({ binary, dataDir: path.join(folder, 'data') })
const total = { cycles: 0, acknowledged: 0, lost: 0, unreadable: 0, writes: 0, writes_lost: 0, writes_doubled: 0, repeated: 0, replayed: 0, checks_failed: 0, ready_most_ms: 0 }
await here.start()
await here.setUp()
try {
  for (let n = 0; n < cycles; n++) {
    const writers = Array.from({ length: WRITERS }, (_, m) => new Writer(here, random, `w${m}c${n}`))
    const writing = writers.map(writer => writer.run())
    // It kills the server in the middle and starts it again; the writers end because nobody answers.
    const crash = await measureCrashes(here, 1, seed + n).catch(error => ({ acknowledged: 0, lost: 0, unreadable: 1, readyMost: 0, error }))
    for (const writer of writers) writer.running = false
    await Promise.all(writing)
    total.cycles++
    total.acknowledged += crash.acknowledged
    total.lost += crash.lost
    total.unreadable += crash.unreadable
    if (crash.error) {
      // It does not start again: nothing can be compared.
      console.log(`cycle ${n}: ${crash.error.message}`)
      break
    }
    total.ready_most_ms = Math.max(total.ready_most_ms, Math.ceil(crash.readyMost))
    for (const writer of writers) {
      await writer.again().catch(error => { crash.error = error })
      total.repeated += writer.repeated
      total.replayed += writer.replayed
    }
    const seen = await everyIncident(here).catch(error => { crash.error = error })
    if (crash.error) {
      // Not even who asked is known any more.
      total.unreadable++
      console.log(`cycle ${n}: ${crash.error.message}`)
      break
    }
    for (const writer of writers) {
      const { lost, doubled } = await writer.compare(seen)
      total.writes += writer.writes
      total.writes_lost += lost.length
      total.writes_doubled += doubled.length
      for (const line of [...lost, ...doubled.map(word => `doubled: ${word}`)]) console.log(`cycle ${n}: ${line}`)
      // What is refused tells that the writer's picture and the record differ.
      for (const line of writer.refused) console.log(`cycle ${n}: refused: ${line}`)
    }
    await here.command(['check']).catch(error => {
      total.checks_failed++
      console.log(`cycle ${n}: ${error.message}`)
    })
  }
} finally {
  await here.stop()
}
console.log(Object.entries({ ...total, ...here.cuts }).map(([key, value]) => `${key}=${value}`).join(' '))
process.exit(total.lost + total.unreadable + total.writes_lost + total.writes_doubled + total.checks_failed === 0 && total.acknowledged > 0 ? 0 : 1)
