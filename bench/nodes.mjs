#!/usr/bin/env node
// Two nodes on one PostgreSQL with a synchronous standby: editors type at both and scripts write, while the primary
// dies, nodes freeze, die and are restarted, and lines break. Afterwards both nodes have all that anybody was told
// is saved, once, and all copies say the same.
//
//   node bench/nodes.mjs BINARY      N=cycles (18), SEED=of all chance (31), FAULT=only this one,
//                                    STANDBY=async to see it fail: nobody waits for the standby
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chance } from './chance.mjs'
import { Cluster } from './cluster.mjs'
import { sleep } from './figures.mjs'
import { Installation } from './installation.mjs'
import { Layer } from './layer.mjs'
import { Link } from './link.mjs'
import { Visitor } from './visitor.mjs'
import { Writer, everyIncident } from './writes.mjs'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/nodes.mjs target/debug/debrief')
const cycles = Number(process.env.N ?? 18)
const seed = Number(process.env.SEED ?? 31)
const random = chance(seed)
const [DOCUMENTS, PER_NODE, WORDS_PER_SECOND, WRITERS] = [2, 2, 5, 3]
/** After this a copy that says something else says it for ever. */
const FOR_EVER = 30_000

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-nodes-'))
const cluster = new Cluster({ synchronous: process.env.STANDBY !== 'async' })
const links = [0, 1].map(() => new Link(() => cluster.primary.port))
const nodes = []
const backups = path.join(folder, 'backups')
process.on('exit', () => {
  for (const node of nodes) node.process?.kill('SIGKILL')
  cluster.remove()
  fs.rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const total = { cycles: 0, acknowledged: 0, lost: 0, writes: 0, writes_lost: 0, doubled: 0, failovers: 0, divergences: 0, failed_in_rolling: 0, unclear: 0, checks_failed: 0, jobs: 0, jobs_doubled: 0, slowest_back_ms: 0, slowest_editors_back_ms: 0, slowest_converged_ms: 0 }
const most = (name, ms) => { total[name] = Math.max(total[name], Math.ceil(ms)) }
const say = line => console.log(`cycle ${total.cycles}: ${line}`)

/** What stands in front of both nodes: requests in turn, and to the other where nobody listens. */
const front = {
  turn: 0,
  /** The node that gets no requests. */
  without: null,
  broken: 0,
  async ask (method, place, options = {}) {
    for (let tries = 0; ; tries++) {
      const node = nodes[this.turn++ % nodes.length]
      if (node === this.without) continue
      try {
        // A connection of its own: one that is kept may close just when the next request sets out.
        return await node.ask(method, place, { agent: false, timeout: 15_000, ...options, headers: { cookie: nodes[0].cookie, ...options.headers } })
      } catch (error) {
        // Nobody took it, so it was not made.
        if (error.code === 'ECONNREFUSED' && tries < 200) {
          if (tries % 2) await sleep(50)
          continue
        }
        this.broken++
        throw error
      }
    }
  },
  api: (method, place, value) => nodes[0].api(method, place, value)
}

/** Milliseconds until each node takes a write again. */
async function untilWritable (began) {
  await Promise.all(nodes.map(async node => {
    while (performance.now() - began < FOR_EVER) {
      const answer = await node.ask('POST', '/api/v1/incidents', { body: '{"title":"Are you there"}', timeout: 5_000 }).catch(() => null)
      if (answer?.status < 300) return
      await sleep(25)
    }
    throw new Error('a node does not take writes again')
  }))
  return performance.now() - began
}

const FAULTS = {
  async failover () {
    const behind = random.happens(0.5) || !cluster.synchronous ? 400 : 0
    const began = performance.now() + behind
    await cluster.failOver(behind)
    for (const link of links) link.cut()
    most('slowest_back_ms', await untilWritable(began))
    total.failovers++
  },
  // The operating system stops it: it neither answers nor notices the time.
  async freeze (one) {
    nodes[one].process.kill('SIGSTOP')
    await sleep(1_500 + random.next() * 3_000)
    nodes[one].process.kill('SIGCONT')
  },
  // It hears nothing of the other until all copies are compared, and does not hear that it hears nothing.
  async deaf (one) {
    if (links[one].silenceListening(true) === 0) throw new Error('nobody listens on that line')
    await sleep(500)
  },
  async unheard (one) {
    if (links[one].cutListening() === 0) throw new Error('nobody listens on that line')
    await sleep(500)
  },
  async terminated () {
    await cluster.ask(cluster.primary, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    await sleep(500)
  },
  async partition (one) {
    links[one].cut({ stay: true })
    await sleep(1_000 + random.next() * 3_000)
    links[one].mend()
    most('slowest_back_ms', await untilWritable(performance.now()))
  },
  // One after the other, as one brings out a new version: what stands in front is told first.
  async rolling (one, visitors) {
    const [broken, failed] = [front.broken, writers.map(writer => writer.unanswered)]
    for (const visitor of visitors) visitor.longestAway = 0
    for (const node of [nodes[one], nodes[1 - one]]) {
      front.without = node
      await sleep(200)
      await node.stop()
      await node.start()
      front.without = null
      await sleep(500)
    }
    total.failed_in_rolling += Math.max(front.broken - broken, writers.reduce((sum, writer, n) => sum + writer.unanswered - failed[n], 0))
    for (const visitor of visitors) most('slowest_editors_back_ms', visitor.longestAway)
  },
  // Its clock is an hour wrong, one way or the other, until all copies are compared.
  async clock (one) {
    nodes[one].layer.clock = random.pick([3_600, -3_600])
    await sleep(500)
  },
  async kill (one) {
    await nodes[one].kill()
    await sleep(random.next() * 1_500)
    await nodes[one].start()
  }
}
const bag = []
function nextFault () {
  if (process.env.FAULT) return process.env.FAULT
  if (bag.length === 0) for (const name of Object.keys(FAULTS)) bag.splice(random.whole(0, bag.length), 0, name)
  return bag.pop()
}

/** What the API of a node says a document holds. */
async function told (node, number) {
  const words = block => Array.isArray(block) ? block.map(words).join('') : block === null || typeof block !== 'object' ? '' : block.type === 'text' ? block.text : words(block.content ?? block.blocks ?? [])
  return words((await node.api('GET', `/postmortems/${number}`)).blocks)
}

let writers = []
async function cycle () {
  const fault = nextFault()
  const numbers = []
  for (let n = 0; n < DOCUMENTS; n++) {
    const { number } = await front.api('POST', '/incidents', { title: `Written at two places ${n}` })
    await front.api('POST', `/incidents/${number}/resolve`, {})
    numbers.push(number)
  }
  const visitors = []
  for (const [d, number] of numbers.entries()) {
    for (let n = 0; n < PER_NODE * nodes.length; n++) {
      visitors.push(new Visitor({ nodes, home: n % nodes.length, number, random, name: `v${total.cycles}d${d}n${n}`, client: 1_000 + total.cycles * 100 + d * 10 + n }))
    }
  }
  while (!visitors.every(visitor => visitor.isReady)) await sleep(5)
  for (const visitor of visitors) visitor.begin()
  writers = Array.from({ length: WRITERS }, (_, n) => new Writer(front, random, `w${n}c${total.cycles}`, { stays: true }))
  const writing = writers.map(writer => writer.run())
  let typing = true
  for (const visitor of visitors) {
    const tick = () => {
      if (!typing) return
      visitor.type()
      setTimeout(tick, random.wait(1000 / WORDS_PER_SECOND))
    }
    setTimeout(tick, random.wait(1000 / WORDS_PER_SECOND))
  }
  await sleep(300 + random.next() * 700)
  await FAULTS[fault](random.whole(0, nodes.length - 1), visitors)
  await sleep(500)
  for (const writer of writers) writer.running = false
  await Promise.all(writing)
  typing = false
  const healed = performance.now()

  // Everything is sound again: the browsers come to say the same, without anybody's help.
  const equal = () => numbers.every(number => new Set(visitors.filter(visitor => visitor.number === number).map(visitor => visitor.shown)).size === 1)
  while (!(visitors.every(visitor => visitor.isSettled) && equal()) && performance.now() - healed < FOR_EVER) await sleep(5)
  most('slowest_converged_ms', performance.now() - healed)
  if (!equal()) {
    total.divergences++
    say(`after ${fault} the copies differ`)
  }
  for (const visitor of visitors) {
    if (visitor.isSettled) continue
    total.divergences++
    say(`after ${fault} ${visitor.name} is ${visitor.isReady ? 'not told that all is saved' : 'not connected'}; closed with ${visitor.copy.closed}`)
  }
  for (const link of links) link.silenceListening(false)
  for (const node of nodes) node.layer.clock = 0
  for (const node of nodes) {
    for (const number of numbers) {
      const text = await told(node, number)
      for (const visitor of visitors.filter(visitor => visitor.number === number)) {
        const acknowledged = visitor.acknowledged
        if (node === nodes[0]) total.acknowledged += acknowledged.length
        for (const { word } of acknowledged) {
          const times = text.split(word).length - 1
          if (times === 1) continue
          total[times === 0 ? 'lost' : 'doubled']++
          say(`after ${fault} “${word}” stands ${times} times in ${number}`)
        }
      }
    }
    const seen = await everyIncident(node)
    for (const writer of writers) {
      const { lost, doubled } = await writer.compare(seen, node)
      total.writes_lost += lost.length
      total.doubled += doubled.length
      for (const line of [...lost, ...doubled.map(word => `doubled: ${word}`)]) say(`after ${fault} ${line}`)
    }
  }
  for (const writer of writers) {
    total.writes += writer.writes
    total.unclear += writer.failed.length
    for (const line of [...writer.failed, ...writer.refused.map(line => `refused: ${line}`)]) say(`during ${fault} ${line}`)
  }
  await Promise.all(visitors.map(visitor => visitor.leave()))
  if (fault === 'failover') await cluster.rebuildStandby()
  await checker.command(['check']).catch(error => {
    total.checks_failed++
    say(error.message)
  })
  if (process.env.DEBUG) say(`${fault}: ${JSON.stringify(total)}`)
  total.cycles++
}

const began = performance.now()
await cluster.start()
for (const link of links) await link.start()
const keyFile = path.join(folder, 'secret.key')
for (const [n, link] of links.entries()) {
  const own = path.join(folder, `node${n}`)
  fs.mkdirSync(own)
  const layer = new Layer(own)
  const node = new Installation({ binary, dataDir: layer.data, databaseUrl: cluster.address(link.port), keyFile, env: { ...layer.env, DEBRIEF_BACKUP_EVERY_HOURS: '1', DEBRIEF_BACKUP_DIR: backups } })
  node.layer = layer
  nodes.push(node)
  await node.start()
  if (n === 0) await node.setUp()
  else node.cookie = nodes[0].cookie
}
const checker = { command: args => new Installation({ binary, dataDir: path.join(folder, 'checker'), databaseUrl: cluster.address(), keyFile }).command(args) }
// Both know that a backup is due, and one of them makes it.
const made = () => fs.existsSync(backups) ? fs.readdirSync(backups).filter(name => name.endsWith('.zip')).length : 0
for (const until = performance.now() + FOR_EVER; made() === 0 && performance.now() < until;) await sleep(50)
await sleep(1_500)
total.jobs = made()
total.jobs_doubled = Math.abs(total.jobs - 1)
while (total.cycles < cycles) await cycle()
for (const node of nodes) await node.stop()
for (const link of links) link.stop()
await cluster.stop()
console.log(Object.entries(total).map(([key, value]) => `${key}=${value}`).join(' ') + ` seconds=${Math.round((performance.now() - began) / 1000)}`)
const bad = total.lost + total.writes_lost + total.doubled + total.divergences + total.failed_in_rolling + total.unclear + total.checks_failed + total.jobs_doubled
process.exit(bad === 0 && total.acknowledged > 0 && total.writes > 0 ? 0 : 1)
