#!/usr/bin/env node
// Do all copies say the same in the end, whatever the lines do? Random edits of real Yjs and yrs documents through
// the real server, with late and repeated frames, broken lines and killed servers, each round from a seed. What one
// library encodes, in versions 1 and 2, must be the same to the other.
//
//   node bench/converge.mjs BINARY      N=rounds (200), SEED=only this one, FIRST=first seed (1)
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chance } from './chance.mjs'
import { makeDocuments } from './collaboration.mjs'
import { sleep } from './figures.mjs'
import { Installation } from './installation.mjs'
import { Replica, Y } from './replica.mjs'
import { Keeper, YrsReplica, survivesYrs } from './yrs-replica.mjs'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/converge.mjs target/debug/debrief')
const first = Number(process.env.SEED ?? process.env.FIRST ?? 1)
const rounds = process.env.SEED ? 1 : Number(process.env.N ?? 200)
const TOGETHER = 4

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-converge-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const here = new Installation({ binary, dataDir: path.join(folder, 'data') })
await here.start()
await here.setUp()
const keeper = process.env.REPLICA_BIN ?? path.join(path.dirname(binary), 'examples/replica')
if (!fs.existsSync(keeper)) throw new Error(`${keeper} is not there: cargo build -p collab --example replica`)
YrsReplica.keeper = new Keeper(keeper)
const total = { seeds: 0, divergences: 0, edits: 0, yjs: 0, yrs: 0, restarts: 0, refused: 0, tidied: 0 }

/** Restarts wait for one another; the rounds beside go on and come back by themselves. */
let restarting = Promise.resolve()
function restart (random) {
  restarting = restarting.then(async () => {
    await (random.happens(0.5) ? here.kill() : here.stop())
    await here.start()
    total.restarts++
  })
  return restarting
}

/** What a copy says, with marks, as one text: without what the API leaves out. */
function said (node) {
  if (node instanceof Y.XmlText) return node.toDelta().map(({ insert, attributes }) => runs(insert, Object.keys(attributes ?? {}).filter(key => attributes[key] !== null))).join('')
  if (node.nodeName === 'codeBlock') return runs(node.toArray().flatMap(it => it.toDelta().map(part => part.insert)).join(''), [])
  return node.toArray().map(said).join('')
}
/** Each character with its marks, so that it does not matter where runs begin. */
const runs = (words, marks) => [...String(words).toWellFormed()].filter(it => it !== '\n').map(it => `${it}${marks.map(mark => mark[0]).sort().join('')}`).join('')

/** What the API says, in the same form. */
function told (block) {
  if (Array.isArray(block)) return block.map(told).join('')
  if (block === null || typeof block !== 'object') return ''
  if (block.type === 'codeBlock') return runs(block.text, [])
  if (block.type === 'text') return runs(block.text, markNames(block))
  return told(block.content ?? block.blocks ?? block.items ?? block.rows ?? block.cells ?? [])
}
const markNames = ({ marks = [], link }) => link ? [...marks, 'link'] : marks

/** Lets all copies hear everything; answers a copy that the server alone made, what differs, and if only deletions do. */
async function compare (replicas, made) {
  const until = performance.now() + 60_000
  // Twice: after the first time the server has everything, after the second everybody.
  for (let n = 0; n < 2; n++) {
    await Promise.all(replicas.map(replica => replica.settle(until)))
  }
  const server = new Replica(made)
  return { server, ...await difference(replicas, server, until) }
}

async function difference (replicas, server, until) {
  if (!replicas.every(replica => replica.isSaved)) return { problem: `not everything was told as saved; closed with ${replicas.flatMap(replica => replica.closed)}` }
  if (!(await server.settle(until))) return { problem: 'the server does not give the document' }
  const snapshot = Y.snapshot(server.doc)
  const text = server.fragment.toString()
  const docs = await Promise.all(replicas.map(replica => replica instanceof YrsReplica ? replica.asYjs() : replica.doc))
  const problem = docs.map((doc, n) => {
    if (doc.store.pendingStructs || doc.store.pendingDs) return `copy ${n} waits for something`
    const fragment = doc.getXmlFragment('default')
    if (fragment.toString() !== text) return `copy ${n} says\n${fragment}\nbut the server\n${text}`
    const { sv } = Y.snapshot(doc)
    return sv.size === snapshot.sv.size && [...sv].every(([client, clock]) => snapshot.sv.get(client) === clock) ? null : `copy ${n} has other structs than the server`
  }).find(Boolean)
  if (problem) return { problem }
  const other = docs.findIndex(doc => !Y.equalSnapshots(Y.snapshot(doc), snapshot))
  return other < 0 ? {} : { problem: `copy ${other} has other deletions than the server`, onlyDeletions: true }
}

/** One round; answers what differs, or `null`. */
async function round (seed) {
  const random = chance(seed)
  const [url] = await makeDocuments(here, 1)
  const number = url.match(/INC-\d+/)[0]
  const headers = { cookie: here.cookie, origin: here.origin }
  const replicas = Array.from({ length: random.whole(2, 5) }, (_, n) => new (random.happens(0.4) ? YrsReplica : Replica)({ url, headers, random, client: seed * 100 + n + 10 }))
  for (const replica of replicas) total[replica instanceof YrsReplica ? 'yrs' : 'yjs']++
  for (let left = random.whole(20, 120); left > 0; left--) {
    const replica = random.pick(replicas)
    const what = random.whole(0, 99)
    if (what < 75) {
      await replica.edit()
      total.edits++
    } else if (what < 87) {
      if (!replica.connected) await replica.connect()
    } else if (what < 92) replica.disconnect()
    else if (what < 94) replica.repeat()
    else if (what === 99 && random.happens(0.1)) await restart(random)
    else await sleep(random.whole(0, 8))
    if (random.happens(0.2)) await sleep(0)
  }
  if (random.happens(0.1)) await restart(random)
  const made = { url, headers, random, client: 3 }
  let { server, problem, onlyDeletions } = await compare(replicas, made)
  // Marks that one copy tidies away after words of others are news to the others.
  if (onlyDeletions) {
    total.tidied++
    await server.end();
    ({ server, problem } = await compare(replicas, made))
  }
  total.refused += replicas.flatMap(replica => replica.closed).filter(code => code === 4400).length
  for (const replica of [...replicas, server]) await replica.end()
  if (problem) return problem
  if (!(await survivesYrs(server.doc))) return 'what Yjs encodes is not what yrs reads'
  const whole = () => here.api('GET', `/postmortems/${number}`)
  const { blocks } = await whole().catch(() => sleep(1_000).then(whole))
  const [theirs, ours] = [told(blocks), said(server.fragment)]
  return theirs === ours ? null : `the API says\n${theirs}\nbut the copies\n${ours}`
}

let next = first
async function work () {
  while (next < first + rounds) {
    const seed = next++
    let problem
    // Making the document may meet a server that is being restarted; then the round begins again.
    for (let tries = 0; tries < 5; tries++) {
      try {
        problem = await round(seed)
        break
      } catch (error) {
        problem = error.stack
        await restarting
        await sleep(200)
      }
    }
    total.seeds++
    if (problem) {
      total.divergences++
      console.log(`seed ${seed}: ${problem}\n  again: SEED=${seed} make converge`)
    }
  }
}
await Promise.all(Array.from({ length: TOGETHER }, work))
await here.command(['check'])
await here.stop()
YrsReplica.keeper.child.stdin.end()
console.log(`first_seed=${first} ` + Object.entries(total).map(([key, value]) => `${key}=${value}`).join(' '))
process.exit(total.divergences === 0 && total.seeds === rounds ? 0 : 1)
