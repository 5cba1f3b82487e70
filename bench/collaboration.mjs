// Writing together, beside the reference server of y-websocket: the same editors, one server after the other.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from './installation.mjs'
import { sleep } from './figures.mjs'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

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

/** The reference server, in memory only; `null` if it cannot be started. */
async function reference () {
  const port = await freePort()
  const child = spawn(process.execPath, [`${FOLDER}node_modules/y-websocket/bin/server.js`], { env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] })
  const told = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => null), sleep(5_000).then(() => null)])
  if (!told) return null
  return { pid: child.pid, urls: count => Array.from({ length: count }, (_, n) => `ws://127.0.0.1:${port}/measured-${n}`), stop: async () => { const gone = once(child, 'exit'); child.kill(); await gone } }
}

/** For each number of editors: ours, then the reference. */
export async function measureCollaboration (here, numbers = [100, 500]) {
  const headers = { cookie: here.cookie, origin: here.origin }
  const results = []
  for (const editors of numbers) {
    const count = editors / 5
    const documents = await makeDocuments(here, count)
    const ours = await typing({ documents, headers, pid: here.process.pid })
    const other = await reference()
    let theirs = null
    if (other) {
      theirs = await typing({ documents: other.urls(count), headers: {}, pid: other.pid })
      await other.stop()
    }
    results.push({ editors, ours, theirs })
  }
  return results
}
