#!/usr/bin/env node
// What no browser sends: frames and requests changed at random, against the running server. It has to live on,
// edits in another document go on meanwhile, and the document under fire still loads and encodes.
//
//   node bench/hostile.mjs BINARY      N=frames (20000), SEED=of all chance (1); one HTTP request for ten frames
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import { chance } from './chance.mjs'
import { makeDocuments } from './collaboration.mjs'
import { edit } from './edits.mjs'
import { percentile, sleep } from './figures.mjs'
import { Installation } from './installation.mjs'
import { Editor } from './editor.mjs'
import { Replica, Y } from './replica.mjs'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/hostile.mjs target/debug/debrief')
const wanted = Number(process.env.N ?? 20_000)
const seed = Number(process.env.SEED ?? 1)
const random = chance(seed)
const SOCKETS = 8

/** Updates that crashed yrs 0.26, or made every later encode of 0.28.1 panic; the last one once kept a document from loading. */
const HARMFUL = [
  '01042360442350106865db6c6c6f2077c3b6726c6420e6bc2801016d026b36017d0688235e0177017687235f03017d00',
  '01041410b24414001068656c6c6f2077c3b6726c6420eebca22801016d026b31017c3f80000088140e0177017687140f03017000',
  '01041710424417001068656c6c6f2077c3b6726c6420e6bca22801016d026b31017c3f80000088170e0177017687170f03017000',
  '010309000701017203017028000900016b0177017687090103017100'
].map(hex => Buffer.from(hex, 'hex'))

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-hostile-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const here = new Installation({ binary, dataDir: path.join(folder, 'data') })
await here.start()
await here.setUp()
const headers = { cookie: here.cookie, origin: here.origin }
const [target, other] = await makeDocuments(here, 2)
const total = { frames: 0, closed: 0, requests: 0, failed: 0, poisoned: 0, undelivered: 0, alive: 1 }

function message (...parts) {
  const out = encoding.createEncoder()
  for (const part of parts) typeof part === 'number' ? encoding.writeVarUint(out, part) : encoding.writeVarUint8Array(out, part)
  return Buffer.from(encoding.toUint8Array(out))
}

const harmful = HARMFUL.flatMap(update => [message(0, 1, update), message(0, 2, update)])
/** These go first, unchanged. */
const first = [...harmful]

/** Sound frames, recorded from an editor that does a bit of everything, and the harmful ones. */
async function record () {
  const frames = [message(3), ...harmful]
  const replica = new Replica({ url: target, headers, random, client: 4242 })
  replica.late = false
  await replica.connect()
  while (replica.answered < 1) await sleep(2)
  frames.push(message(0, 0, Y.encodeStateVector(replica.doc)))
  replica.doc.on('update', update => frames.push(message(0, 2, update)))
  for (let n = 0; n < 150; n++) edit(replica, random)
  await replica.settle(performance.now() + 20_000)
  frames.push(message(0, 1, Y.encodeStateAsUpdate(replica.doc)))
  const presence = encoding.createEncoder()
  for (const part of [1, 4242, 1]) encoding.writeVarUint(presence, part)
  encoding.writeVarString(presence, '{"user":{"name":"Ada","color":"#126a86"},"cursor":{"anchor":null,"head":null}}')
  frames.push(message(1, encoding.toUint8Array(presence)))
  replica.disconnect()
  return frames
}

function mutated (sound) {
  if (random.happens(0.05)) return Buffer.from(Array.from({ length: random.whole(0, 64) }, () => random.whole(0, 255)))
  let bytes = [...random.pick(sound)]
  for (let n = random.whole(0, 4); n > 0; n--) {
    const at = random.whole(0, Math.max(0, bytes.length - 1))
    switch (random.whole(0, 6)) {
      case 0: bytes[at] = (bytes[at] ?? 0) ^ (1 << random.whole(0, 7)); break
      case 1: bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.whole(0, 255)]); break
      case 2: bytes.splice(at, 0, random.whole(0, 255)); break
      case 3: bytes.splice(at, random.whole(1, 8)); break
      case 4: bytes.splice(at, 0, ...bytes.slice(at, at + random.whole(1, 16))); break
      case 5: bytes = bytes.slice(0, at); break
      default: {
        // The end of another frame.
        const another = random.pick(sound)
        bytes = [...bytes.slice(0, at), ...another.subarray(random.whole(0, another.length))]
      }
    }
  }
  return Buffer.from(bytes)
}

/** Sends frames until its share is done, each after the one before was handled; when the server closes it comes back. */
async function fire (sound, share) {
  let left = share
  while (left > 0 && isAlive()) {
    const socket = new WebSocket(target, { perMessageDeflate: false, headers })
    const gone = new Promise(resolve => socket.on('close', resolve))
    socket.on('error', () => {})
    await Promise.race([gone, new Promise(resolve => socket.on('open', resolve))])
    // An answer to the server's question: from now on gaps are no excuse.
    if (socket.readyState === WebSocket.OPEN && random.happens(0.8)) socket.send(message(0, 1, Buffer.from([0, 0])))
    while (left > 0 && socket.readyState === WebSocket.OPEN) {
      const handled = new Promise(resolve => socket.once('pong', resolve))
      socket.send(first.shift() ?? mutated(sound))
      socket.ping()
      left--
      total.frames++
      await Promise.race([handled, gone])
    }
    if (socket.readyState === WebSocket.OPEN) socket.close()
    else total.closed++
    await gone
  }
}

function isAlive () {
  const { exitCode, signalCode } = here.process
  return exitCode === null && signalCode === null
}

/** Requests whose address, cookie, query or body is not what a browser sends: refused, never a failure of ours. */
async function ask () {
  const curious = ['', '%', '%00', '%ff', '"', "'", '..', '../../etc/passwd', '-1', '99999999999999999999', 'INC-1', 'INC-0', 'INC--1', '\u{1f980}', '<script>', 'a'.repeat(3_000), '2026-11-14T05:47:12Z', '0198c0de-0000-7000-8000-000000000001', '*', ' OR ', '" OR "', '(', 'NEAR(', '\\', '%%', '_', 'null', '{}', '[', '[]', 'true', '{"title":1}', '{"title":"\\ud800"}', '1e999']
  const strange = () => random.happens(0.7) ? random.pick(curious) : String.fromCodePoint(...Array.from({ length: random.whole(1, 12) }, () => random.whole(1, 0x2ff)))
  const inPath = () => encodeURIComponent(strange().toWellFormed()) || '-'
  const raw = () => Buffer.from(strange()).toString('latin1').replace(/[^\x21-\x7e\x80-\xff]/g, '')
  const places = [
    () => ['GET', `/links/${inPath()}`], () => ['POST', `/links/${inPath()}`], () => ['GET', `/incidents/${inPath()}`],
    () => ['GET', `/incidents?words=${inPath()}&state=${inPath()}&after=${inPath()}`], () => ['GET', `/palette?words=${inPath()}&q=${inPath()}`],
    () => ['GET', `/postmortems?words=${inPath()}`], () => ['GET', `/postmortems/INC-1/${random.pick(['edit', 'export.md', 'blocks/' + inPath(), 'mentions?q=' + inPath()])}`],
    () => ['GET', `/incidents/INC-1/evidence?words=${inPath()}&source=${inPath()}&after=${inPath()}`], () => ['GET', `/assets/${inPath()}`],
    () => ['GET', `/api/v1/incidents?severity=${inPath()}&limit=${inPath()}&words=${inPath()}`], () => ['GET', `/collab/${inPath()}?since=${inPath()}`],
    () => ['POST', '/api/v1/incidents'], () => ['POST', '/incidents/INC-1/events'], () => ['POST', '/settings/me'], () => ['POST', '/settings/workspace'],
    () => ['POST', '/sign-in'], () => ['POST', `/incidents/INC-1/events/${inPath()}`], () => ['POST', '/api/v1/incidents/INC-1/timeline'],
    () => ['PATCH', `/api/v1/incidents/INC-1/timeline/${inPath()}`], () => ['POST', '/api/v1/postmortems/INC-1/steps'], () => ['POST', '/api/v1/incidents/INC-1/imports'], () => ['GET', `/sign-in?next=${inPath()}`]
  ]
  const [method, address] = random.pick(places)()
  const fields = ['title', 'at', 'kind', 'zone', 'name', 'email', 'passphrase', 'revision', 'words', 'next', 'severity']
  const body = method === 'GET' ? undefined : random.happens(0.5) ? fields.map(field => `${field}=${inPath()}`).join('&') : strange()
  const type = random.pick(['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'multipart/form-data', raw() || 'x'])
  const odd = random.happens(0.2) ? { cookie: `debrief=${raw()}; debrief_session=${raw()}; ${raw()}` } : random.happens(0.1) ? { authorization: `Bearer ${raw()}` } : {}
  const answer = await here.ask(method, address, { body, type, headers: odd }).catch(error => ({ status: error.code === 'ERR_INVALID_CHAR' ? 0 : 599, body: error.message }))
  total.requests++
  // Who tries to sign in too often is told to come back later.
  if (answer.status >= 500 && !(answer.status === 503 && address === '/sign-in')) {
    total.failed++
    if (total.failed <= 10) console.log(`${answer.status} for ${method} ${address} ${JSON.stringify({ type, body, ...odd }).slice(0, 300)}: ${String(answer.body).slice(0, 100)}`)
  }
}

/** Asks beside the sockets until `count` requests are done. */
async function besiege (count) {
  for (let n = 0; n < count && isAlive(); n++) await ask()
}

// In the other document somebody types and somebody reads, all the time.
let seen = 0
const times = []
const typist = new Editor({ url: other, headers })
const began = new Map()
const reader = new Editor({ url: other, headers, onUpdate: (client, clock, length) => {
  if (client !== typist.doc.clientID) return
  for (let at = clock; at < clock + length; at++) {
    if (!began.has(at)) continue
    seen++
    times.push(performance.now() - began.get(at))
  }
} })
await Promise.all([typist.connect(), reader.connect()])
typist.begin()
let typing = true
async function type () {
  while (typing && typist.closed === null) {
    began.set(typist.clock, performance.now())
    typist.type()
    await sleep(50)
  }
}

const sound = await record()
const typed = type()
await Promise.all([...Array.from({ length: SOCKETS }, (_, n) => fire(sound, Math.floor(wanted / SOCKETS) + (n < wanted % SOCKETS ? 1 : 0))), besiege(Math.ceil(wanted / 10))])
typing = false
await typed
for (let tries = 0; tries < 200 && seen < began.size; tries++) await sleep(50)
total.undelivered = began.size - seen + Number(typist.closed !== null) + Number(reader.closed !== null)

/** The document still gives everything to a new copy, takes an edit of it, and reads as blocks. */
async function isPoisoned (url) {
  const number = url.match(/INC-\d+/)[0]
  try {
    const copy = new Replica({ url, headers, random, client: 5_000_000 + random.whole(0, 999_999) })
    if (!(await copy.settle(performance.now() + 10_000))) return 'it cannot be joined'
    edit(copy, { ...random, whole: low => low, pick: list => list[0], happens: () => true })
    copy.fragment.push([new Y.XmlElement('horizontalRule')])
    if (!(await copy.settle(performance.now() + 10_000)) || !copy.isSaved) return 'it takes no edit any more'
    if (copy.doc.store.pendingStructs) return 'what the server gives has gaps'
    Y.encodeStateAsUpdate(copy.doc)
    copy.disconnect()
    for (const path of [`/api/v1/postmortems/${number}`, `/postmortems/${number}`, `/postmortems/${number}/export.md`, `/postmortems/${number}/export.html`]) {
      const { status } = await here.ask('GET', path)
      if (status !== 200) return `${path} answers ${status}`
    }
    return null
  } catch (error) {
    return error.message
  }
}
async function look (when) {
  for (const url of [target, other]) {
    const problem = await isPoisoned(url)
    if (!problem) continue
    total.poisoned++
    console.log(`${when}, ${url}: ${problem}`)
  }
}

total.alive = Number(isAlive())
await look('while it runs')
// Once more from what is on disk.
await here.kill()
await here.start()
await look('after a restart')
await here.command(['check'])
await here.stop()
console.log(`seed=${seed} ` + Object.entries(total).map(([key, value]) => `${key}=${value}`).join(' ') + ` other_p99_ms=${Math.ceil(percentile(times, 0.99))}`)
process.exit(total.alive === 1 && total.poisoned + total.failed + total.undelivered === 0 ? 0 : 1)
