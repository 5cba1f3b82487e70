#!/usr/bin/env node
// Many editors in documents of five, each typing at random instants; a process of its own, started by
// collaboration.mjs with its settings as JSON. Prints its figures as JSON.
import os from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { chance } from './chance.mjs'
import { Editor } from './editor.mjs'
import { cost, percentile, sleep, stolen } from './figures.mjs'

const settings = JSON.parse(process.argv[2])
const { documents, perDocument = 5, keysPerSecond = 4, listeners = 2, warmUp = 3, seconds = 8, pid, seed = 9 } = settings
const random = chance(seed)

/** What each client typed, by its Yjs client id: the clock of its first key, and when each key was meant to be. */
const typed = new Map()
const ms = []
let counting = false
let [keys, expected, delivered] = [0, 0, 0]

function heard (listener) {
  return (client, clock, length) => {
    const keysOf = typed.get(client)
    if (!keysOf || client === listener.doc.clientID) return
    const now = performance.now()
    for (let at = Math.max(clock - keysOf.base, 0); at < clock + length - keysOf.base; at++) {
      const due = keysOf.due[at]
      if (due === undefined || due < 0) continue
      ms.push(now - due)
      delivered++
    }
  }
}

const editors = []
for (const url of documents) {
  for (let n = 0; n < perDocument; n++) {
    const editor = new Editor({ url, headers: settings.headers, named: settings.named })
    editor.listens = n < listeners
    if (editor.listens) editor.onUpdate = heard(editor)
    editors.push(editor)
  }
}
for (let n = 0; n < editors.length; n += 20) await Promise.all(editors.slice(n, n + 20).map(editor => editor.connect()))
for (const editor of editors) {
  editor.begin()
  typed.set(editor.doc.clientID, { base: editor.clock, due: [] })
}
await sleep(500)

let typing = true
function start (editor) {
  const { due: dues } = typed.get(editor.doc.clientID)
  let due = performance.now() + random.wait(1000 / keysPerSecond)
  const tick = () => {
    if (!typing) return
    for (const now = performance.now(); due <= now; due += random.wait(1000 / keysPerSecond)) {
      // A key outside the measured time is remembered without its instant.
      dues.push(counting ? due : -1)
      editor.type()
      if (!counting) continue
      keys++
      expected += listeners - (editor.listens ? 1 : 0)
    }
    setTimeout(tick, due - performance.now())
  }
  setTimeout(tick, due - performance.now())
}
editors.forEach(start)

await sleep(warmUp * 1000)
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const [before, ownBefore, takenBefore, began] = [cost(pid), process.cpuUsage(), stolen(), performance.now()]
counting = true
await sleep(seconds * 1000)
counting = false
const [after, own, taken, elapsed] = [cost(pid), process.cpuUsage(ownBefore), stolen(), (performance.now() - began) / 1000]
typing = false
for (let waited = 0; delivered < expected && waited < 5_000; waited += 50) await sleep(50)

console.log(JSON.stringify({
  editors: editors.length,
  keysPerSecond: keys / elapsed,
  p50: percentile(ms, 0.5),
  p99: percentile(ms, 0.99),
  undelivered: expected - delivered,
  closed: editors.filter(editor => editor.closed !== null).length,
  microsPerKey: (after.cpu - before.cpu) * 1e6 / keys,
  serverCores: (after.cpu - before.cpu) / elapsed,
  generatorCores: (own.user + own.system) / 1e6 / elapsed,
  generatorDelayP99: delay.percentile(99) / 1e6,
  stolen: (taken - takenBefore) / elapsed / os.cpus().length,
  mb: after.mb
}))
process.exit(0)
