// Writing together, beside the reference servers of y-websocket and Hocuspocus: the same editors, one server after
// the other. Both keep documents in memory only; Debrief has each edit on disk before anybody sees it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Editor } from './editor.mjs'
import { freePort } from './installation.mjs'
import { cost, sleep } from './figures.mjs'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const SENTENCE = 'the conveyor stalls because the cursor of the depot was never moved on while the gates wait '

async function typing (settings) {
  const child = spawn(process.execPath, [`${FOLDER}typing.mjs`, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', bytes => { said += bytes })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the editors ended with ${code}`)
  return JSON.parse(said)
}

/** The addresses of `count` documents of new incidents. */
export async function makeDocuments (here, count) {
  const urls = []
  for (let n = 0; n < count; n++) {
    const { number } = await here.api('POST', '/incidents', { title: `Written together ${n}` })
    await here.api('POST', `/incidents/${number}/resolve`, {})
    urls.push(`ws://127.0.0.1:${here.port}/collab/${number}?acks=1`)
  }
  return urls
}

/** A reference server; `null` if it cannot be started. */
async function reference (named, program, ...args) {
  const port = await freePort()
  const child = spawn(program, args, { env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] })
  const told = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => null, () => null), sleep(5_000).then(() => null)])
  if (!told) return null
  // Whatever it goes on to say is read away, so that it never waits for us.
  child.stdout.resume()
  const documents = async count => Array.from({ length: count }, (_, n) => `ws://127.0.0.1:${port}/measured-${n}`)
  return { settings: { headers: {}, named, pid: child.pid }, documents, stop: async () => { const gone = once(child, 'exit'); child.kill(); await gone } }
}

/** The servers that are measured, by name; each is begun for one measurement and stopped after it. */
const servers = here => ({
  debrief: async () => {
    // A server that has done nothing else, so that the memory is that of editors.
    await here.stop()
    await here.start()
    return { settings: { headers: { cookie: here.cookie, origin: here.origin }, named: false, pid: here.process.pid }, documents: count => makeDocuments(here, count), stop: async () => {} }
  },
  'y-websocket': () => reference(false, process.execPath, `${FOLDER}node_modules/y-websocket/bin/server.js`),
  hocuspocus: () => reference(true, process.execPath, `${FOLDER}hocuspocus.mjs`)
})

/** What the sockets alone cost, by the libraries that Debrief has: a relay that keeps nothing. */
const bareRelay = here => ({ 'bare relay': () => reference(false, path.join(path.dirname(here.binary), 'examples', 'bare_relay')) })

/** Does the same with each server; what could not be started is missing in the answer. */
async function beside (those, act) {
  const figures = {}
  for (const [name, begin] of Object.entries(those)) {
    const server = await begin()
    if (!server) continue
    try {
      figures[name] = await act(server)
    } finally {
      await server.stop()
    }
  }
  return figures
}

/** Editors at four keys a second each, `perDocument` in each document. */
export function measureTyping (here, editors, perDocument) {
  return beside({ ...servers(here), ...bareRelay(here) }, async ({ settings, documents }) => typing({ ...settings, documents: await documents(editors / perDocument), perDocument }))
}

/**
 * What a server holds for an open document of 20,000 characters: just after it was typed, after a minute in which nobody
 * touched it, and after everybody left.
 */
export function measureIdle (here, count = 600) {
  return beside(servers(here), async ({ settings, documents }) => {
    const addresses = await documents(count)
    // A first visit, so that what a server keeps of its database's pages is not taken for the documents'.
    for (const url of addresses) {
      const visitor = new Editor({ url, headers: settings.headers, named: settings.named })
      await visitor.connect()
      visitor.leave()
    }
    await sleep(3_000)
    const empty = cost(settings.pid)
    const editors = []
    for (const url of addresses) {
      const editor = new Editor({ url, headers: settings.headers, named: settings.named })
      await editor.connect()
      editor.begin()
      // A hundred characters at a time, here and there, as documents grow.
      for (let n = 0; n < 200; n++) editor.text.insert(n * 7919 % (editor.text.length + 1), SENTENCE.repeat(2).slice(0, 100))
      editors.push(editor)
      if (editors.length % 20 === 0) await sleep(100)
    }
    await sleep(8_000)
    const typed = cost(settings.pid)
    await sleep(60_000)
    const open = cost(settings.pid)
    editors.forEach(editor => editor.leave())
    await sleep(8_000)
    const left = cost(settings.pid)
    const each = (now, then) => (now.mb - then.mb) * 1e6 / 1024 / count
    return { typedKb: each(typed, empty), openKb: each(open, empty), leftKb: each(left, empty), mb: open.mb }
  })
}
