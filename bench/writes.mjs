// Writes of every kind over HTTP, each one after the other in incidents of its own, and a look at the record
// afterwards: is every write there that was answered with success, exactly once?
import { sleep } from './figures.mjs'

const file = id => JSON.stringify({ log_entries: [{ id, type: 'trigger_log_entry', summary: 'Triggered', created_at: '2026-11-14T05:47:12Z', agent: { type: 'service_reference', summary: 'Depot' }, incident: { id: `P-${id}`, summary: 'Conveyor stalls' } }] })

/** The words of writes, see [Writer.word]. */
const WORDS = /[a-z]+-w\d+c\d+-\d+\./g

/** The server's answer is missing: nobody knows whether the write was made, and both is right. */
class Unanswered extends Error {}

/** One person (or script) that writes until the server is gone. */
export class Writer {
  /** @param stays goes on after a missing answer, and leaves the incident alone that it was about */
  constructor (here, random, name, { stays = false } = {}) {
    Object.assign(this, { here, random, name, stays })
    this.made = 0
    this.writes = 0
    this.refused = []
    /** What has to hold: a place in the record, and what stands there according to the last answer. */
    this.known = new Map()
    /** The places that unanswered writes would have changed. */
    this.open = new Set()
    this.unanswered = 0
    /** Words of writes of which the answer said that nothing was changed. */
    this.never = new Set()
    /** Answers of the server that it could not do it, apart from those that say so plainly (503). */
    this.failed = []
    /** Words that stand in the record once at most, each from one write. */
    this.words = new Set()
    this.incidents = []
    /** The last write without an answer, with its Idempotency-Key. */
    this.unknown = null
    /** Unknown writes that were asked for again, and how many of them had been made the first time. */
    this.asked = 0
    this.repeated = 0
    this.replayed = 0
    /** The incident that the write under way is about. */
    this.about = null
    this.running = true
  }

  word (sort) {
    const word = `${sort}-${this.name}-${this.made++}.`
    this.words.add(word)
    return word
  }

  async run () {
    while (this.running) {
      try {
        await this.step()
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error
        if (!this.stays) return
        this.unanswered++
        if (this.about) this.about.left = true
        await sleep(20)
      }
    }
  }

  /** One write; `places` tells from the answer what holds now. */
  async write (place, method, path, value, places, raw) {
    this.open.add(place)
    let answer
    const request = { ...(raw ?? { body: value && JSON.stringify(value) }), headers: { 'Idempotency-Key': `${this.name}-${this.asked++}` } }
    try {
      answer = await this.here.ask(method, `/api/v1${path}`, request)
    } catch {
      this.unknown = { method, path, request }
      throw new Unanswered()
    }
    if (this.stays && answer.status >= 500) {
      if (answer.status !== 503) this.failed.push(`${method} ${path}: ${answer.status} ${answer.body}`)
      // Otherwise the line may have broken after the record took it: whoever asked does not know either.
      if (!/Nothing was (changed|brought in)/.test(answer.body)) throw new Unanswered()
      this.open.delete(place)
      for (const word of JSON.stringify(value ?? raw?.body ?? '').match(WORDS) ?? []) this.never.add(word)
      this.about = null
      throw new Unanswered()
    }
    this.open.delete(place)
    if (answer.status >= 300) {
      this.refused.push(`${method} ${path}: ${answer.status} ${answer.body}`)
      return null
    }
    this.writes++
    const said = JSON.parse(answer.body)
    for (const [where, what] of places(said)) this.known.set(where, what)
    return said
  }

  /** Asks again for what was not answered, under its key: it must not be made a second time. */
  async again () {
    if (!this.unknown) return
    const { method, path, request } = this.unknown
    this.unknown = null
    for (let n = 0; n < 2; n++) {
      const answer = await this.here.ask(method, `/api/v1${path}`, request)
      this.repeated++
      if (answer.headers?.['idempotency-replayed'] || answer.body.includes('answer_lost')) this.replayed++
      if (answer.status >= 500) this.failed.push(`${method} ${path} again: ${answer.status} ${answer.body}`)
    }
  }

  async step () {
    const { random } = this
    this.about = null
    const active = this.incidents.filter(incident => !incident.left)
    if (active.length === 0 || random.happens(0.1)) return this.declare()
    const incident = this.about = random.pick(active)
    const { number } = incident
    const event = incident.events.length > 0 ? random.pick(incident.events) : null
    const idea = incident.ideas.find(idea => idea.state === 'idea')
    switch (random.pick(['add', 'add', 'edit', 'edit', 'hide', 'idea', 'drop', 'state', 'state', 'owner', 'import'])) {
      case 'add': {
        const said = await this.write('event', 'POST', `/incidents/${number}/timeline`, { at: '2026-11-14T05:47:12Z', kind: 'note', title: this.word('event') }, said => [eventPlace(number, said)])
        if (said) incident.events.push(said)
        break
      }
      case 'edit':
      case 'hide': {
        if (!event) break
        const change = random.happens(0.7) ? { title: this.word('edited') } : { hidden: !event.hidden }
        const said = await this.write(`${number}/event/${event.id}`, 'PATCH', `/incidents/${number}/timeline/${event.id}`, { revision: event.revision, ...change }, said => [eventPlace(number, said)])
        if (said) Object.assign(event, said)
        break
      }
      case 'idea': {
        const said = await this.write('idea', 'POST', '/follow-ups', { incident: number, text: this.word('idea'), intent: 'prevent' }, said => [ideaPlace(said)])
        if (said) incident.ideas.push(said)
        break
      }
      case 'drop': {
        if (!idea) break
        const said = await this.write(`idea/${idea.id}`, 'POST', `/follow-ups/${idea.id}/drop`, { reason: this.word('reason') }, said => [ideaPlace(said)])
        if (said) Object.assign(idea, said)
        break
      }
      case 'state': {
        if (incident.state === 'resolved') {
          const step = incident.draft === 'draft' ? 'ask_for_review' : 'back_to_draft'
          const said = await this.write(`${number}/draft`, 'POST', `/postmortems/${number}/steps`, { revision: incident.revision, step }, said => [draftPlace(number, said)])
          if (said) Object.assign(incident, { draft: said.state, revision: said.revision })
        } else {
          const act = incident.state === 'active' && random.happens(0.5) ? 'mitigate' : 'resolve'
          const said = await this.write(`${number}/state`, 'POST', `/incidents/${number}/${act}`, act === 'resolve' ? {} : undefined, said => [[`${number}/state`, said.state]])
          if (said) Object.assign(incident, { state: said.state, draft: 'draft', revision: 0 })
        }
        break
      }
      case 'owner': {
        if (incident.state !== 'resolved') break
        const said = await this.write(`${number}/draft`, 'PUT', `/postmortems/${number}/owner`, { person: this.person }, said => [draftPlace(number, said)])
        if (said) Object.assign(incident, { draft: said.state, revision: said.revision })
        break
      }
      case 'import': {
        const id = this.word('record')
        const form = `--part\r\nContent-Disposition: form-data; name="files"; filename="entries.json"\r\nContent-Type: application/json\r\n\r\n${file(id)}\r\n--part--\r\n`
        await this.write('record', 'POST', `/incidents/${number}/imports`, undefined, () => [[`${number}/record/${id}`, 'there']], { body: form, type: 'multipart/form-data; boundary=part' })
      }
    }
  }

  async declare () {
    this.person ??= await this.here.api('GET', '/people').then(({ items }) => items[0].id, () => { throw new Unanswered() })
    const said = await this.write('incident', 'POST', '/incidents', { title: this.word('incident') }, said => [[`${said.number}/state`, said.state], [`${said.number}/title`, said.title]])
    if (said) this.incidents.push({ number: said.number, state: said.state, events: [], ideas: [] })
  }

  /** Compares with the record: `lost` are places that say something else than the answer did. */
  async compare (seen, here = this.here) {
    const found = new Map()
    const counts = new Map()
    const count = text => { for (const word of String(text).match(WORDS) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1) }
    for (const incident of seen) count(incident.title)
    for (const { number } of this.incidents) {
      const incident = seen.find(incident => incident.number === number)
      if (!incident) continue
      found.set(`${number}/state`, incident.state)
      found.set(`${number}/title`, incident.title)
      for (const event of (await here.api('GET', `/incidents/${number}/timeline`)).items) {
        found.set(...eventPlace(number, event))
        count(event.title)
      }
      for (const idea of (await here.api('GET', `/follow-ups?incident=${number}`)).items) {
        found.set(...ideaPlace(idea))
        count(`${idea.text} ${idea.reason ?? ''}`)
      }
      for (const record of (await here.api('GET', `/incidents/${number}/evidence`)).items) {
        found.set(`${number}/record/${record.source_id}`, 'there')
        count(record.source_id)
      }
      if (incident.state === 'resolved') found.set(...draftPlace(number, await here.api('GET', `/postmortems/${number}`)))
    }
    const lost = [...this.known].filter(([where, what]) => !this.open.has(where) && found.get(where) !== what).map(([where, what]) => `${where}: ${what}, but ${found.get(where)}`)
    for (const word of this.never) if (counts.get(word)) lost.push(`${word} is there, though the answer was that nothing was changed`)
    const doubled = [...this.words].filter(word => (counts.get(word) ?? 0) > 1)
    return { lost, doubled }
  }
}

const eventPlace = (number, event) => [`${number}/event/${event.id}`, `${event.title} ${event.hidden} ${event.revision}`]
const ideaPlace = idea => [`idea/${idea.id}`, `${idea.text} ${idea.state} ${idea.reason ?? ''} ${idea.revision}`]
const draftPlace = (number, draft) => [`${number}/draft`, `${draft.state} ${draft.owner} ${draft.revision}`]

/** Every incident of the record. */
export async function everyIncident (here) {
  const all = []
  let after = ''
  do {
    const { items, next } = await here.api('GET', `/incidents?limit=200${after}`)
    all.push(...items)
    after = next ? `&after=${next}` : null
  } while (after)
  return all
}
