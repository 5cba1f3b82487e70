#!/usr/bin/env node
// Canary secrets: passphrases, sessions, links and tokens that stand nowhere else go through every door that takes
// one, rightly and wrongly, with the log at its most talkative. Afterwards none of them is in the log, in an answer
// that did not have to give it, in the record at rest or in a backup.
//
//   node bench/secrets.mjs BINARY      SEED=of all chance (61)
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { execFileSync } from 'node:child_process'
import { chance } from './chance.mjs'
import { Editor } from './editor.mjs'
import { sleep } from './figures.mjs'
import { EMAIL, Installation } from './installation.mjs'

const [binary] = process.argv.slice(2)
if (!binary) throw new Error('Give the binary: node bench/secrets.mjs target/debug/debrief')
const random = chance(Number(process.env.SEED ?? 61))
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-secrets-'))
const here = new Installation({ binary, dataDir: path.join(folder, 'data'), level: 'trace' })
here.log = path.join(folder, 'log')
process.on('exit', () => {
  here.process?.kill('SIGKILL')
  fs.rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

/** What must not be found, and what it is. */
const secrets = new Map()
function secret (what, value) {
  secrets.set(value, what)
  return value
}
const canary = what => secret(what, `canary ${Array.from({ length: 4 }, () => random.whole(1e6, 9e6).toString(36)).join(' ')}`)
const total = { secrets: 0, requests: 0, log_lines: 0, found: 0 }
const answers = []
/** What its author alone reads, on the page where they keep it. */
const sealed = []

/** A request whose answer is kept, because no answer repeats a secret. */
async function ask (method, place, form, headers = {}) {
  const json = typeof form === 'string'
  const body = form && (json ? form : new URLSearchParams(form).toString())
  const answer = await here.ask(method, place, { body, type: json ? 'application/json' : 'application/x-www-form-urlencoded', headers })
  total.requests++
  // A cookie is given by the head, on purpose.
  // The page of a link leads to itself, and a form shows what was typed as an address.
  const given = [place.match(/^\/links\/(.*)/)?.[1], form?.email, ...(place.endsWith('/accounts') ? sealed : [])]
  answers.push({ where: `${method} ${place.replace(/\/(links|hooks)\/.*/, '/$1/…')}: ${answer.status}`, text: `${answer.body} ${answer.headers.location ?? ''}`, given })
  return answer
}
const sessionOf = answer => secret('a session', (answer.headers['set-cookie'] ?? []).join().match(/session=([^;]+)/)[1])

await here.start()
while (!/\/links\/\S+/.test(here.said)) await sleep(5)
const link = here.said.match(/\/links\/(\S+)/)[1]
secret('the set-up link', link)
const passphrase = canary('a passphrase')
const person = { workspace: 'Larkfare', name: 'Mika Messer', email: EMAIL }
// First in ways that are refused, so that forms are shown again.
await ask('POST', `/links/${link}`, { ...person, email: 'nowhere', passphrase })
await ask('POST', `/links/${link}`, { ...person, passphrase: canary('a passphrase').slice(0, 9) })
const entered = await ask('POST', `/links/${link}`, { ...person, passphrase })
here.cookie = `debrief_session=${sessionOf(entered)}`
await ask('GET', `/links/${link}`)

for (const [email, words] of [[EMAIL, canary('a wrong passphrase')], ['nobody@example.test', passphrase], [passphrase, passphrase], [EMAIL, `${passphrase}${'x'.repeat(9_000)}`]]) await ask('POST', '/sign-in', { email, passphrase: words })
await ask('POST', '/sign-in', JSON.stringify({ email: EMAIL, passphrase }))
sessionOf(await ask('POST', '/sign-in', { email: EMAIL, passphrase, next: '/follow-ups' }))
const changed = canary('a new passphrase')
await ask('POST', '/settings/me', { name: 'Mika Messer', current: canary('a wrong passphrase'), passphrase: changed })
await ask('POST', '/settings/me', { name: 'Mika Messer', current: passphrase, passphrase: 'short' })
const again = await ask('POST', '/settings/me', { name: 'Mika Messer', current: passphrase, passphrase: changed })
if (again.headers['set-cookie']) here.cookie = `debrief_session=${sessionOf(again)}`
if ((await here.ask('GET', '/incidents')).status !== 200) here.cookie = `debrief_session=${sessionOf(await ask('POST', '/sign-in', { email: EMAIL, passphrase: changed }))}`

// Links and tokens are shown once, to whoever asked; nowhere else.
const invitation = (await here.command(['user', 'link', EMAIL])).said.match(/\/links\/(\S+)/)[1]
secret('a sign-in link', invitation)
await ask('GET', `/links/${invitation}`)
sessionOf(await ask('POST', `/links/${invitation}`, {}))
const made = (await here.command(['token', 'create', EMAIL, 'a script'])).said.match(/dbp_[\w-]+/)[0]
secret('a token', made)
const bearer = { cookie: '', authorization: `Bearer ${made}` }
for (const [method, place, body] of [['GET', '/api/v1/incidents'], ['POST', '/api/v1/incidents', '{"title": '], ['POST', '/api/v1/incidents', '{"title":""}'], ['GET', '/api/v1/nowhere'], ['GET', '/metrics'], ['DELETE', '/api/v1/incidents'], ['GET', '/incidents?words=%ff&severity[]=9']]) await ask(method, place, body, bearer)
await ask('GET', '/api/v1/incidents', undefined, { cookie: '', authorization: `Bearer ${made.slice(0, -1)}!` })
await ask('GET', '/api/v1/incidents', undefined, { cookie: '', authorization: `Basic ${Buffer.from(`mika:${changed}`).toString('base64')}` })
await ask('GET', `/links/${secret('a link that never was', 'CanaryLinkThatNeverWas0123456789')}`)

// An address for webhooks: its end and the secret that signs are nobody's business.
const key = canary('the secret of a webhook')
const hook = JSON.parse((await here.ask('POST', '/api/v1/webhooks', { body: JSON.stringify({ source: 'alertmanager', label: 'Larkfare', secret: key }), type: 'application/json' })).body).address
secret('the end of a webhook address', hook.split('/').at(-1))
const sent = new URL(hook).pathname
const product = { cookie: '', authorization: `Bearer ${key}` }
for (const [method, place, body, headers] of [
  ['POST', sent, '{"alerts":[]}', product],
  ['POST', sent, '{"alerts":', product],
  ['POST', sent, '{}', { cookie: '', authorization: `Bearer ${key}!` }],
  ['POST', sent, '{}', { cookie: '' }],
  ['POST', `${sent}!`, '{}', product],
  ['GET', sent, undefined, product]
]) await ask(method, place, body, headers)
for (const place of ['/settings/sources', '/settings/deliveries', '/api/v1/webhooks', '/api/v1/deliveries']) await ask('GET', place)

// A socket, and pages and records that speak about all this.
const { number } = await here.api('POST', '/incidents', { title: 'Doors that take a secret' })
await here.api('POST', `/incidents/${number}/resolve`, {})
const editor = new Editor({ url: `ws://127.0.0.1:${here.port}/collab/${number}`, headers: { cookie: here.cookie, origin: here.origin } })
await editor.connect()
editor.leave()
const stranger = new Editor({ url: `ws://127.0.0.1:${here.port}/collab/${number}`, headers: { cookie: here.cookie, origin: 'https://elsewhere.example' } })
await stranger.connect().catch(() => {})
for (const place of ['/settings', '/settings/people', '/settings/audit', '/incidents', `/incidents/${number}`, '/metrics', '/palette?words=canary', '/api/v1/people', '/api/v1/audit', '/nowhere']) await ask('GET', place)

// Words that somebody sealed, changed and had forgotten: on the page of their author, and nowhere else at all.
const accounts = `/incidents/${number}/accounts`
for (const words of [canary('a sealed account'), canary('a changed account')]) {
  sealed.push(words)
  const action = String((await here.ask('GET', accounts)).body).match(/action="([^"]*\/accounts\/[^"]+)"/)?.[1] ?? accounts
  const kept = await ask('POST', action, { saw: words, did: words, audience: 'author' })
  if (kept.status !== 303) throw new Error(`an account was not kept: ${kept.status}`)
  const shown = await ask('GET', accounts)
  if (!shown.body.includes(words)) throw new Error('its author does not read what they sealed')
}
for (const place of [`/incidents/${number}`, `/incidents/${number}/evidence?words=canary`, '/incidents?words=canary', '/palette?q=canary', '/postmortems?words=canary', `/postmortems/${number}`, `/postmortems/${number}/edit`, `/postmortems/${number}/export.md`, `/postmortems/${number}/export.html`, `/postmortems/${number}/versions`, `/incidents/${number}/timeline/acts`, '/settings/audit', '/settings/audit.csv', '/settings/audit.jsonl', '/settings/jobs', '/follow-ups', `/api/v1/incidents/${number}`, `/api/v1/incidents/${number}/timeline`, `/api/v1/incidents/${number}/evidence`, `/api/v1/postmortems/${number}`]) await ask('GET', place)
await here.command(['backup', path.join(folder, 'backup.zip')])
await ask('POST', '/sign-out', {})
await here.stop()

const log = fs.readFileSync(here.log, 'utf8')
const rest = execFileSync('unzip', ['-p', path.join(folder, 'backup.zip')], { maxBuffer: 1 << 28, encoding: 'latin1' })
const files = fs.readdirSync(path.join(folder, 'data')).filter(name => name.startsWith('debrief.sqlite')).map(name => ({ where: name, text: fs.readFileSync(path.join(folder, 'data', name), 'latin1') }))
// What passphrases could be tried on lies under a key that is beside the record, also what just went through a backup.
secrets.set('$argon2', 'the open hash of a passphrase')
total.secrets = secrets.size
total.log_lines = log.split('\n').length
for (const { where, text, given } of [{ where: 'the log', text: log }, { where: 'a backup', text: rest }, ...files, ...answers]) {
  for (const [value, what] of secrets) {
    if (given?.includes(value)) continue
    // As it is, and as it stands in addresses, forms and headers.
    const forms = [value, encodeURIComponent(value), value.replaceAll(' ', '+'), Buffer.from(value).toString('base64').replace(/=+$/, '')]
    if (!forms.some(form => text.includes(form))) continue
    total.found++
    const at = Math.max(0, text.indexOf(forms.find(form => text.includes(form))) - 80)
    console.log(`${what} stands in ${where}: …${text.slice(at, at + 160).replace(/\s+/g, ' ')}…`)
  }
}
console.log(Object.entries(total).map(([key, value]) => `${key}=${value}`).join(' '))
// A log that says nothing would prove nothing.
process.exit(total.found === 0 && total.requests > 25 && total.log_lines > 100 ? 0 : 1)
