// The server is killed under typing editors and started again: is everything there that was acknowledged, or that
// another editor had seen? The editors are gone by then; what the record does not have is lost.
import { makeDocuments } from './collaboration.mjs'
import { chance } from './chance.mjs'
import { Editor, Y } from './editor.mjs'
import { sleep } from './figures.mjs'

const [DOCUMENTS, PER_DOCUMENT, KEYS_PER_SECOND] = [3, 3, 8]

/** `cycles` times: type, kill -9, start, compare. The installation runs when this returns. */
export async function measureCrashes (here, cycles, seed = 21) {
  const random = chance(seed)
  const result = { cycles: 0, typed: 0, acknowledged: 0, lost: 0, unreadable: 0, readyMost: 0 }
  for (let n = 0; n < cycles; n++) {
    const urls = await makeDocuments(here, DOCUMENTS)
    const headers = { cookie: here.cookie, origin: here.origin }
    /** The most characters of a client that somebody was told are safe, or saw from somebody else. */
    const safe = new Map()
    const raise = (client, clock) => safe.set(client, Math.max(safe.get(client) ?? 0, clock))
    const editors = []
    for (const url of urls) {
      for (let m = 0; m < PER_DOCUMENT; m++) {
        const editor = new Editor({ url, headers, onSaved: vector => vector.forEach((clock, client) => raise(client, clock)) })
        editor.onUpdate = (client, clock, length) => { if (client !== editor.doc.clientID) raise(client, clock + length) }
        editor.connect().catch(() => {})
        editors.push(editor)
        while (editor.socket.readyState === 0) await sleep(2)
        editor.begin()
      }
    }
    // The paragraph itself counts before the first character.
    const mine = new Map(editors.map(editor => [editor.doc.clientID, editor.clock]))
    let typing = true
    for (const editor of editors) {
      const tick = () => {
        if (!typing) return
        editor.type()
        result.typed++
        setTimeout(tick, random.wait(1000 / KEYS_PER_SECOND))
      }
      setTimeout(tick, random.wait(1000 / KEYS_PER_SECOND))
    }
    await sleep(500 + random.next() * 2_500)
    await here.kill()
    typing = false
    for (const editor of editors) editor.leave()
    await sleep(20)
    result.readyMost = Math.max(result.readyMost, await here.start())
    const kept = new Map()
    for (const url of urls) {
      const reader = new Editor({ url, headers, whole: true })
      try {
        await reader.connect()
        Y.decodeStateVector(Y.encodeStateVector(reader.doc)).forEach((clock, client) => kept.set(client, clock))
      } catch {
        result.unreadable++
      }
      reader.leave()
    }
    for (const [client, clock] of safe) {
      if (!mine.has(client)) continue
      result.acknowledged += Math.max(0, clock - mine.get(client))
      result.lost += Math.max(0, clock - (kept.get(client) ?? 0))
    }
    result.cycles++
  }
  return result
}
