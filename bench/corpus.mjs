#!/usr/bin/env node
// Records of a company that does not exist, in the public shapes of a Slack export and of PagerDuty's REST API v2.
// Deterministic: the same numbers give the same bytes.
//
//   node bench/corpus.mjs FOLDER     writes slack.zip, pagerduty/*.json and many/*.json there
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { chance } from './chance.mjs'
import { pack } from './zip.mjs'

const GIVEN = 'Ansa Birk Cato Dilma Eino Fenna Goro Hedda Ilse Jorun Kavi Lumi Mette Nils Oona Piet Runa Sami Tove Ulla Vito Wanda Yara Zeno'.split(' ')
const FAMILY = 'Aalto Brook Corvin Dahl Esker Fjord Grove Holm Isle Junker Kestrel Linden Marsh Norrby Ostler Penrose Quarry Rowan'.split(' ')
const SERVICES = 'ledger quotes parcel-router label-printer sorting-floor driver-app depot-sync customs-desk tariff-cache pickup-window proof-of-delivery fleet-map invoice-run returns-portal'.split(' ')
const TEAMS = ['Parcels', 'Depots', 'Money', 'Fleet']
const THINGS = 'queue backlog conveyor scanner manifest shard index replica lease token certificate cache connection-pool cursor heartbeat schedule flag partition retry timeout quota route barcode worker session webhook'.split(' ')
const DOES = 'drains stalls doubles lags drops flaps recovers climbs repeats blocks skips expires rejects warms settles drifts'.split(' ')
const WHERE = ['in depot 4', 'on the north line', 'after the 14:20 release', 'for one customer in nine', 'behind the tariff cache', 'since the night run', 'on both replicas', 'in the second region', 'for labels printed today', 'under 200 requests a second']
const ASKS = ['does anybody see the same', 'who knows this part', 'is that the old path', 'what changed here last week', 'can we compare with Tuesday', 'which depots are on it']
const REACTIONS = ['eyes', 'thumbsup', 'heavy_check_mark', 'hourglass', 'bulb', 'raised_hands', 'pushpin', 'memo']
const BOTS = [['B0BEACONX', 'Beacon alerts'], ['B0SHIPLOG', 'shiplog'], ['B0DEPOTST', 'Depot status'], ['B0WORKBEL', 'workbell']]

const iso = seconds => new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z')
const code = (letter, number, length = 8) => letter + number.toString(36).toUpperCase().padStart(length, '0')

const people = count => Array.from({ length: count }, (_, n) => {
  const [given, family] = [GIVEN[n % GIVEN.length], FAMILY[(n * 7) % FAMILY.length]]
  return { id: code('U', 9_000_000 + n * 7_919), pd: code('P', 4_000_000 + n * 613, 6), given, name: `${given} ${family}`, handle: `${given}.${family}.${n}`.toLowerCase() }
})

const clause = r => `the ${r.pick(THINGS)} of ${r.pick(SERVICES)} ${r.pick(DOES)} ${r.pick(WHERE)}`

function chatter (r, crowd) {
  const sentences = Array.from({ length: r.whole(1, 4) }, () => {
    const kind = r.next()
    if (kind < 0.55) return `${clause(r)}, ${r.whole(2, 98)} % of ${r.pick(THINGS)}s.`
    if (kind < 0.68) return `<@${r.pick(crowd).id}> ${r.pick(ASKS)}?`
    if (kind < 0.76) return `<https://graphs.example/d/${r.whole(1e5, 9e5)}?from=now-3h|${r.pick(SERVICES)} graph> shows that ${clause(r)}`
    if (kind < 0.84) return '```' + `${r.pick(SERVICES)}: ${r.pick(THINGS)} ${r.pick(DOES)}\n  at ${r.pick(THINGS)}.${r.pick(DOES)} (line ${r.whole(10, 900)})` + '```'
    if (kind < 0.9) return '`depotctl ' + `${r.pick(THINGS)} show --service ${r.pick(SERVICES)}` + '`'
    if (kind < 0.96) return `${r.pick(THINGS)} &lt; ${r.whole(10, 900)} ms &amp; *${r.pick(THINGS)}* _${r.pick(DOES)}_`
    return `<!here> ${clause(r)} … 倉庫 Süd`
  })
  return sentences.join(' ')
}

const announcement = (r, bot) => ({
  'Beacon alerts': () => `[${r.pick(['FIRING', 'RECOVERED'])}] ${clause(r)}`,
  shiplog: () => `deployed ${r.pick(SERVICES)} 4.${r.whole(0, 60)}.${r.whole(0, 9)} to production`,
  'Depot status': () => `status: ${r.pick(['investigating', 'monitoring', 'resolved'])}, ${clause(r)}`,
  workbell: () => `reminder: look through ${r.whole(2, 30)} open ${r.pick(THINGS)}s`
})[bot]()

/** The zip of a Slack export with one busy channel of `messages` messages over twenty days. */
export function slackExport (messages, seed = 11) {
  const r = chance(seed)
  const crowd = people(80)
  const [channel, team, begin] = ['C0BENCH0001', 'T0BENCH0001', Date.UTC(2026, 2, 2, 6) / 1000]
  const days = new Map()
  const roots = []
  const pins = []
  for (let n = 0; n < messages; n++) {
    const at = begin + (n + r.next() * 0.9) * (20 * 86_400 / messages)
    const ts = `${Math.floor(at)}.${String((n * 37) % 1_000_000).padStart(6, '0')}`
    const who = r.pick(crowd)
    let message
    if (r.happens(0.12)) {
      const [id, name] = r.pick(BOTS)
      const text = announcement(r, name)
      message = { subtype: 'bot_message', text, username: name, bot_id: id, type: 'message', ts, attachments: [{ fallback: text, title: text, fields: [{ title: 'Service', value: r.pick(SERVICES), short: true }], color: 'cc5500' }] }
    } else if (r.happens(0.02)) {
      message = { subtype: 'channel_join', user: who.id, text: `<@${who.id}> has joined the channel`, type: 'message', ts }
    } else {
      const text = chatter(r, crowd)
      message = {
        client_msg_id: `${code('', n, 8)}-0000-4000-8000-000000000000`.toLowerCase(),
        type: 'message',
        user: who.id,
        text,
        ts,
        team,
        user_team: team,
        source_team: team,
        user_profile: { avatar_hash: 'g0', first_name: who.given, real_name: who.name, display_name: who.handle, team, name: who.handle, is_restricted: false, is_ultra_restricted: false },
        blocks: [{ type: 'rich_text', block_id: code('', n, 5), elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }]
      }
      if (r.happens(0.06)) message.edited = { user: who.id, ts }
      if (r.happens(0.02)) message.files = [{ id: code('F', n), name: `graph-${n}.png`, title: `graph ${n}`, mimetype: 'image/png', filetype: 'png', user: who.id, permalink: `https://files.example/${n}` }]
      if (roots.length && r.happens(0.3)) {
        const root = roots[Math.max(0, roots.length - r.whole(1, 12))]
        Object.assign(message, { thread_ts: root.ts, parent_user_id: root.user })
        Object.assign(root, { thread_ts: root.ts, reply_count: (root.reply_count ?? 0) + 1, latest_reply: ts })
      } else roots.push(message)
      if (r.happens(0.004)) pins.push({ id: ts, type: 'C', created: Math.floor(at), user: who.id, owner: who.id })
    }
    if (r.happens(0.1)) {
      const users = Array.from({ length: r.whole(1, 4) }, () => r.pick(crowd).id)
      message.reactions = [{ name: r.happens(0.02) ? r.pick(REACTIONS) : r.pick(REACTIONS.slice(0, 6)), users, count: users.length }]
    }
    const day = iso(at).slice(0, 10)
    if (!days.has(day)) days.set(day, [])
    days.get(day).push(message)
  }
  const users = crowd.map(({ id, name, handle }) => ({ id, team_id: team, name: handle, deleted: false, real_name: name, tz: 'Europe/Oslo', profile: { real_name: name, real_name_normalized: name, display_name: handle, email: `${handle}@example.test`, team }, is_bot: false, is_app_user: false, updated: begin }))
  const channels = [{ id: channel, name: 'inc-ledger', created: begin, creator: crowd[0].id, is_archived: false, is_general: false, members: crowd.map(one => one.id), topic: { value: 'Everything about the ledger', creator: crowd[0].id, last_set: begin }, purpose: { value: '', creator: '', last_set: 0 }, pins }]
  // Slack indents by four blanks.
  const text = value => JSON.stringify(value, null, 4)
  return pack([['channels.json', text(channels)], ['users.json', text(users)], ...[...days].map(([day, said]) => [`inc-ledger/${day}.json`, text(said)])])
}

const reference = (type, id, summary) => ({ id, type: `${type}_reference`, summary, self: `https://api.pager.example/${type}s/${id}`, html_url: `https://acme.pager.example/${type}s/${id}` })

/**
 * PagerDuty incidents and their log entries as the REST API answers them, exactly `entries` log entries in all.
 * Each incident has a trigger, somebody who is told, who acknowledges, maybe notes, and an end.
 */
export function pagerdutyExport (count, entries, seed = 12) {
  const r = chance(seed)
  const crowd = people(80)
  const incidents = []
  const log = []
  const begin = Date.UTC(2026, 2, 2, 6) / 1000
  const page = list => JSON.stringify({ ...list, limit: 100, offset: 0, more: false, total: null })
  for (let n = 0; n < count; n++) {
    const id = code('Q', 50_000_000 + n * 104_729 + seed * 7, 13)
    const service = r.pick(SERVICES)
    const serviceRef = reference('service', code('P', 2_000 + SERVICES.indexOf(service), 6), service)
    const teamRef = reference('team', code('P', 3_000 + (n % TEAMS.length), 6), TEAMS[n % TEAMS.length])
    const sentence = clause(r)
    const title = sentence[0].toUpperCase() + sentence.slice(1)
    const who = r.pick(crowd)
    const user = reference('user', who.pd, who.name)
    let at = begin + n * (20 * 86_400 / count)
    const started = at
    const add = (type, agent, more = {}) => {
      log.push({ id: code('R', log.length * 31 + seed, 13), type: `${type}_log_entry`, summary: `${type} ${agent.summary}`, self: null, html_url: null, created_at: iso(at), agent, channel: { type: 'auto' }, service: serviceRef, incident: reference('incident', id, `[#${n + 1}] ${title}`), teams: [teamRef], contexts: [], ...more })
    }
    // What is left is spread evenly; the last incident takes the remainder.
    const share = Math.floor(entries * (n + 1) / count) - log.length
    add('trigger', serviceRef, { channel: { type: 'api', summary: title, details: { service, measured: r.whole(1, 900), zone: r.pick(['a', 'b']) } }, event_details: { description: title } })
    at += r.wait(6)
    if (share > 3) add('assign', serviceRef, { assignees: [user] })
    for (let left = share - 4; left > 0; left--) {
      at += r.wait(60)
      const kind = r.next()
      if (kind < 0.6) add('notify', serviceRef, { user, channel: { type: 'auto', notification: { type: r.pick(['phone', 'sms', 'push']), status: 'success' } } })
      else if (kind < 0.7) add('escalate', serviceRef, { assignees: [user] })
      else {
        const note = clause(r)
        add('annotate', user, { channel: { type: 'note', summary: note, content: note } })
      }
    }
    at += r.wait(90)
    if (share > 2) add('acknowledge', user, { channel: { type: 'mobile' } })
    at += 300 + r.wait(1_800)
    if (share > 1) add('resolve', user, { channel: { type: 'website' } })
    incidents.push({ id, type: 'incident', incident_number: n + 1, title, summary: `[#${n + 1}] ${title}`, created_at: iso(started), updated_at: iso(at), last_status_change_at: iso(at), resolved_at: iso(at), status: 'resolved', urgency: 'high', service: serviceRef, teams: [teamRef], assignments: [], acknowledgements: [], priority: { id: 'PPRIO' + (n % 4 + 1), type: 'priority', summary: 'P' + (n % 4 + 1) }, html_url: `https://acme.pager.example/incidents/${id}` })
  }
  return { 'incidents.json': page({ incidents }), 'log_entries.json': page({ log_entries: log }) }
}

/** Writes everything that the measurements bring in; answers the paths. `many` is how many incidents pages are measured with. */
export function writeCorpus (folder, many = 10_000) {
  const put = (name, bytes) => {
    const file = path.join(folder, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, bytes)
    return file
  }
  const slack = put('slack.zip', slackExport(50_000))
  const spread = (name, files) => Object.entries(files).map(([file, text]) => put(`${name}/${file}`, text))
  return {
    slack,
    pagerduty: spread('pagerduty', pagerdutyExport(400, 10_807)),
    many: spread('many', pagerdutyExport(many, many * 6, 13))
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(writeCorpus(process.argv[2] ?? 'corpus'))
