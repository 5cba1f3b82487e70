#!/usr/bin/env node
// Whoever loses a right loses it on open sockets too, within a second: somebody types, key after key, while an
// administrator closes their account, makes them a reader, narrows the incident, ends their part in it, ends their
// session or revokes their token. No key that set out more than a second after the change was answered is accepted, and
// nothing that others wrote since then reaches them. On one node, and on two over PostgreSQL with the change at the one
// and the socket at the other.
//
//   node bench/access.mjs BINARY      N=rounds of all changes (10), NODES=1 or 2 (both),
//                                     CHANGE=none to see it fail: nothing is taken from anybody
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Editor, Y } from './editor.mjs'
import { figure, percentile, sleep, table } from './figures.mjs'
import { Installation } from './installation.mjs'
import { startPostgres } from './postgres.mjs'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/access.mjs target/debug/debrief')
const rounds = Number(process.env.N ?? 10)
/** What is promised, in milliseconds after the answer. */
const WITHIN = 1_000
/** So long people go on typing after a change, to be sure that nothing is taken any more. */
const GO_ON = WITHIN + 500
const KEY_EVERY = 5
const PASSPHRASE = 'twelve measured apples'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-access-'))
const nodes = []
process.on('exit', () => {
  for (const node of nodes) node.process?.kill('SIGKILL')
  fs.rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const form = fields => ({ body: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' })
const session = answer => (answer.headers['set-cookie'] ?? []).map(line => line.split(';')[0]).join('; ')
function went (answer, what) {
  if (answer.status >= 400) throw new Error(`${what}: ${answer.status} ${String(answer.body).slice(0, 300)}`)
  return answer
}

/** Somebody new, by an invitation, with a session of their own at `node`. */
let made = 0
async function somebody (admin, node) {
  const n = ++made
  const email = `person${n}@example.test`
  const page = went(await admin.ask('POST', '/settings/people', form({ name: `Person ${n}`, email, role: 'member' })), 'an invitation')
  const link = String(page.body).match(/\/links\/[\w-]+/)[0]
  const come = went(await node.ask('POST', link, { ...form({ name: `Person ${n}`, passphrase: PASSPHRASE }), headers: { cookie: '' } }), 'joining')
  const everybody = await admin.api('GET', '/people')
  const { id } = everybody.items.find(person => person.email === email)
  return { id, email, cookie: session(come) }
}

/** An editor with the times at which its keys set out, and when its line was closed. */
async function open (node, cookie, number, whole) {
  const editor = new Editor({ url: `ws://127.0.0.1:${node.port}/collab/${number}`, headers: { cookie, origin: node.origin }, whole, onUpdate: () => {} })
  await editor.connect()
  editor.socket.on('error', () => {})
  editor.socket.on('close', () => { editor.closedAt ??= performance.now() })
  editor.sent = new Map()
  editor.begin()
  const type = () => {
    editor.sent.set(editor.clock, performance.now())
    editor.type()
  }
  editor.typing = setInterval(type, KEY_EVERY)
  return editor
}

/** When the last key of `writer` set out that `copy` has. */
function lastAccepted (copy, writer) {
  const state = Y.getState(copy.store, writer.doc.clientID)
  let last = -Infinity
  for (const [clock, at] of writer.sent) if (clock < state) last = Math.max(last, at)
  return last
}

/** Every sort of change: who loses what, and whether they may read on. */
const CHANGES = {
  deactivated: { change: (admin, { person }) => admin.ask('POST', `/settings/people/${person.id}/end`, form({})) },
  role: { reads: true, change: (admin, { person }) => admin.ask('POST', `/settings/people/${person.id}/role`, form({ role: 'reader' })) },
  narrowed: { change: (admin, { number }) => admin.ask('POST', `/api/v1/incidents/${number}/narrowing`, { body: '{"reason":"Names a customer"}' }) },
  part: {
    before: async (admin, { number, person }) => {
      await admin.api('POST', `/incidents/${number}/narrowing`, { reason: 'Names a customer' })
      await admin.api('POST', `/incidents/${number}/people`, { person: person.id, part: 'responder' })
    },
    change: (admin, { number, person }) => admin.ask('POST', `/api/v1/incidents/${number}/people/end`, { body: JSON.stringify({ person: person.id, part: 'responder' }) })
  },
  session: {
    // From another session of the same person, at the node of the administrator.
    before: async (admin, of) => {
      const come = went(await admin.ask('POST', '/sign-in', { ...form({ email: of.person.email, passphrase: PASSPHRASE }), headers: { cookie: '' } }), 'signing in')
      of.other = session(come)
    },
    change: (admin, { other }) => admin.ask('POST', '/settings/sessions/end-others', { ...form({}), headers: { cookie: other } })
  }
}

/** One change while somebody types; milliseconds after its answer. */
async function round (admin, there, name) {
  const { before, change, reads } = CHANGES[name]
  const { number } = await admin.api('POST', '/incidents', { title: `Somebody loses a right: ${name}` })
  await admin.api('POST', `/incidents/${number}/resolve`, {})
  const person = await somebody(admin, there)
  const of = { number, person }
  await before?.(admin, of)
  const watcher = await open(admin, admin.cookie, number, true)
  const writer = await open(there, person.cookie, number, true)
  // Both hear one another before anything changes, or silence afterwards would prove nothing.
  const heard = () => Y.getState(watcher.doc.store, writer.doc.clientID) > 20 && Y.getState(writer.doc.store, watcher.doc.clientID) > 20
  for (let waited = 0; !heard(); waited += 20) {
    if (waited > 20_000) throw new Error(`${name}: the two do not hear one another`)
    await sleep(20)
  }
  if (process.env.CHANGE !== 'none') went(await change(admin, of), name)
  const answered = performance.now()
  await sleep(GO_ON)
  for (const editor of [writer, watcher]) clearInterval(editor.typing)
  // What was taken reaches the watcher, however busy the machine is.
  for (let same = 0, state = -1; same < 5; same++) {
    await sleep(100)
    const now = Y.getState(watcher.doc.store, writer.doc.clientID)
    if (now !== state) same = 0
    state = now
  }
  const back = new Editor({ url: writer.url, headers: writer.headers, whole: true })
  let opensAgain = await back.connect().then(() => true, () => false)
  if (opensAgain && reads) {
    // A reader may look on; what they write is not taken.
    back.begin()
    back.type()
    await sleep(300)
    opensAgain = Y.getState(watcher.doc.store, back.doc.clientID) > 0
  }
  for (const editor of [writer, watcher, back]) editor.leave()
  return {
    accepted: lastAccepted(watcher.doc, writer) - answered,
    read: reads ? null : lastAccepted(writer.doc, watcher) - answered,
    closed: (writer.closedAt ?? Infinity) - answered,
    again: opensAgain
  }
}

/** A program writes with a token until it is refused; there are no sockets for tokens. */
async function token (admin, there) {
  const { number } = await admin.api('POST', '/incidents', { title: 'Somebody loses a right: token' })
  const person = await somebody(admin, there)
  const own = { cookie: person.cookie }
  const answer = await admin.ask('POST', '/api/v1/tokens', { body: JSON.stringify({ label: 'a script', scopes: ['read', 'write'] }), headers: own })
  const secret = JSON.parse(went(answer, 'a token').body).token
  const [{ id }] = JSON.parse((await admin.ask('GET', '/api/v1/tokens', { headers: own })).body).items
  const program = { cookie: '', authorization: `Bearer ${secret}` }
  let going = true
  let [accepted, read] = [-Infinity, -Infinity]
  const writing = (async () => {
    for (let n = 0; going; n++) {
      const set = performance.now()
      const event = { at: '2026-11-14T05:50:00Z', kind: 'action', title: `Step ${n}` }
      if ((await there.ask('POST', `/api/v1/incidents/${number}/timeline`, { body: JSON.stringify(event), headers: program })).status < 300) accepted = set
      const asked = performance.now()
      if ((await there.ask('GET', `/api/v1/incidents/${number}`, { headers: program })).status < 300) read = asked
    }
  })()
  while (accepted === -Infinity || read === -Infinity) await sleep(10)
  went(await admin.ask('POST', `/api/v1/tokens/${id}/end`, { body: '{}', headers: own }), 'ending a token')
  const answered = performance.now()
  await sleep(GO_ON)
  going = false
  await writing
  return { accepted: accepted - answered, read: read - answered, closed: null, again: false }
}

const rows = [['nodes', 'change', 'rounds', 'line closed ms: median', 'most', 'last key accepted ms', 'last word read ms']]
const total = { rounds: 0, accepted_late: 0, read_late: 0, open_after: 0, came_back: 0, slowest_closed_ms: 0, slowest_accepted_ms: 0, slowest_read_ms: 0 }
const most = (name, ms) => { total[name] = Math.max(total[name], Math.ceil(ms)) }

async function measure (count, admin, there) {
  const names = [...Object.keys(CHANGES), 'token']
  const all = []
  for (let n = 0; n < rounds; n++) {
    // Such changes ask an administrator every ten minutes who they are.
    went(await admin.ask('POST', '/settings/proof', form({ passphrase: PASSPHRASE })), 'proving who one is')
    all.push(await Promise.all(names.map(name => name === 'token' ? token(admin, there) : round(admin, there, name))))
  }
  for (const [place, name] of names.entries()) {
    const of = all.map(found => found[place])
    for (const found of of) {
      total.rounds++
      // A key that set out before the answer and was taken is nothing to speak of.
      if (found.accepted > WITHIN) total.accepted_late++
      if (found.read > WITHIN) total.read_late++
      if (found.closed > WITHIN) total.open_after++
      if (found.again) total.came_back++
      most('slowest_accepted_ms', Math.max(0, found.accepted))
      most('slowest_read_ms', Math.max(0, found.read ?? 0))
      if (found.closed !== null) most('slowest_closed_ms', Math.max(0, Math.min(found.closed, GO_ON)))
    }
    const closed = of.map(it => it.closed).filter(it => it !== null)
    const worst = pick => figure(Math.max(0, ...of.map(pick).filter(it => it !== null)))
    rows.push([`${count}`, name, `${rounds}`, closed.length ? figure(Math.max(0, percentile(closed, 0.5))) : '–', closed.length ? figure(Math.max(0, ...closed)) : '–', worst(it => it.accepted), of.some(it => it.read !== null) ? worst(it => it.read) : 'may read'])
  }
}

if (process.env.NODES !== '2') {
  const one = new Installation({ binary, dataDir: path.join(folder, 'one') })
  nodes.push(one)
  await one.start()
  await one.setUp()
  await measure(1, one, one)
  await one.stop()
}
if (process.env.NODES !== '1') {
  const databaseUrl = startPostgres(folder)
  if (!databaseUrl) throw new Error('Two nodes need PostgreSQL; its programs were not found. NODES=1 measures one alone.')
  const both = ['here', 'there'].map(name => new Installation({ binary, dataDir: path.join(folder, name), databaseUrl, keyFile: path.join(folder, 'secret.key') }))
  nodes.push(...both)
  await both[0].start()
  await both[0].setUp()
  await both[1].start()
  await measure(2, ...both)
  for (const node of both) await node.stop()
}
console.log(table(rows))
console.log(Object.entries(total).map(([key, value]) => `${key}=${value}`).join(' '))
process.exit(total.accepted_late + total.read_late + total.open_after + total.came_back === 0 && total.rounds > 0 ? 0 : 1)
