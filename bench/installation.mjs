// An installation of Debrief on loopback: started, set up, asked, killed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { cost, sleep } from './figures.mjs'

export const EMAIL = 'measure@example.test'

/** A port that nobody listens on now. */
export async function freePort () {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

// A setting in the environment of whoever measures must not reach what is measured.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DEBRIEF_')))

/** The servers that run. Whatever measures them may fail: none of them outlives it. */
const running = new Set()
process.on('exit', () => running.forEach(server => server.kill('SIGKILL')))

export class Installation {
  /**
   * @param env more of the environment, such as a layer under its files
   * @param keyFile the file with the key for secrets, where several nodes or a restored record need the same
   */
  constructor ({ binary, dataDir, databaseUrl, keyFile, env = {}, level = 'warn' }) {
    Object.assign(this, { binary, dataDir, databaseUrl, keyFile, env, level, cookie: '' })
  }

  get place () {
    return ['--data-dir', this.dataDir, ...(this.databaseUrl ? ['--database-url', this.databaseUrl] : []), ...(this.keyFile ? ['--secret-key-file', this.keyFile] : [])]
  }

  /** Starts the server; answers the milliseconds from exec to the first answer of `/readyz`. */
  async start () {
    this.port ??= await freePort()
    const began = performance.now()
    // Its log goes to ours, or into a file of its own.
    const log = this.log ? fs.openSync(this.log, 'a') : 'inherit'
    this.process = spawn(this.binary, ['serve', '--listen', `127.0.0.1:${this.port}`, '--log', this.level, ...this.place], { env: { ...environment, ...this.env }, stdio: ['ignore', 'pipe', log] })
    const server = this.process
    running.add(server)
    server.on('exit', () => running.delete(server))
    if (this.log) fs.closeSync(log)
    this.said = ''
    this.process.stdout.on('data', bytes => { this.said += bytes })
    while (!(await this.ready())) {
      if (this.process.exitCode !== null) throw new Error('the server ended before it was ready')
      if (performance.now() - began > 30_000) throw new Error('the server was not ready within 30 s')
      await sleep(1)
    }
    return performance.now() - began
  }

  ready () {
    return new Promise(resolve => {
      const request = http.get({ host: '127.0.0.1', port: this.port, path: '/readyz', agent: false }, answer => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode === 200))
      })
      request.on('error', () => resolve(false))
    })
  }

  /** Uses the set-up link that a new installation prints; keeps the session. */
  async setUp () {
    for (let tries = 0; tries < 200 && !/\/links\/\S+/.test(this.said); tries++) await sleep(5)
    const link = this.said.match(/\/links\/\S+/)[0]
    const form = new URLSearchParams({ workspace: 'Measurements', name: 'Mika Messer', email: EMAIL, passphrase: 'twelve measured apples' })
    const answer = await this.ask('POST', link, { body: form.toString(), type: 'application/x-www-form-urlencoded' })
    this.cookie = (answer.headers['set-cookie'] ?? []).map(line => line.split(';')[0]).join('; ')
    if (!this.cookie) throw new Error(`the set-up link answered ${answer.status} without a session`)
  }

  get origin () {
    return `http://127.0.0.1:${this.port}`
  }

  ask (method, path, { body, type = 'application/json', headers = {}, agent, timeout = 0 } = {}) {
    return new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port: this.port, method, path, agent, headers: { cookie: this.cookie, origin: this.origin, ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }), ...headers } }, answer => {
        const parts = []
        answer.on('data', part => parts.push(part))
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }))
        answer.on('error', reject)
      })
      request.on('error', reject)
      if (timeout) request.setTimeout(timeout, () => request.destroy(new Error('no answer in time')))
      request.end(body)
    })
  }

  /** One call of the JSON API; a refusal is an error. */
  async api (method, path, value) {
    const answer = await this.ask(method, `/api/v1${path}`, { body: value && JSON.stringify(value) })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
    return JSON.parse(answer.body)
  }

  /** Runs a command of the binary on this installation; answers its output, seconds and peak memory. */
  async command (args) {
    const began = performance.now()
    const child = spawn(this.binary, [...args, '--log', 'warn', ...this.place], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', bytes => { said += bytes })
    let last = { peakMb: 0, cpu: 0 }
    // The peak only grows, so what the last look missed is what was added in its few milliseconds.
    const watch = setInterval(() => { last = cost(child.pid) ?? last }, 5)
    const [code] = await once(child, 'close')
    clearInterval(watch)
    if (code !== 0) throw new Error(`debrief ${args.join(' ')} ended with ${code}`)
    return { said, seconds: (performance.now() - began) / 1000, peakMb: last.peakMb, cpu: last.cpu }
  }

  cost () {
    return cost(this.process.pid)
  }

  async end (signal) {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return
    const ended = once(this.process, 'exit')
    this.process.kill(signal)
    await ended
  }

  stop () {
    return this.end('SIGTERM')
  }

  kill () {
    return this.end('SIGKILL')
  }
}
