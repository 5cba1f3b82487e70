// A primary and a synchronous standby of PostgreSQL, started for one trial: the primary can be killed, the standby
// takes over, and what was killed comes back as the new standby.
import { execFile, execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './installation.mjs'
import { sleep } from './figures.mjs'

const execute = promisify(execFile)

/** Debian keeps the programs of each version in a folder of its own; the newest one wins. */
function programs () {
  const versions = '/usr/lib/postgresql'
  const folders = fs.existsSync(versions) ? fs.readdirSync(versions).sort((one, other) => Number(other) - Number(one)).map(version => `${versions}/${version}/bin`) : []
  const found = [...folders, '/usr/local/pgsql/bin', '/usr/local/bin', '/usr/bin'].find(folder => ['initdb', 'postgres', 'pg_ctl', 'pg_basebackup', 'psql'].every(name => fs.existsSync(`${folder}/${name}`)))
  if (!found) throw new Error('This trial needs PostgreSQL; its programs were not found. On Debian, apt-get install postgresql brings them.')
  return found
}

/** PostgreSQL refuses to run as root. */
function somebodyElse () {
  if (process.getuid() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map(which => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' })))
  return { uid, gid }
}

export class Cluster {
  /** @param synchronous whether a commit waits for the standby; without that a failover may lose what was answered */
  constructor ({ synchronous = true } = {}) {
    this.synchronous = synchronous
    this.bin = programs()
    this.who = somebodyElse()
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-cluster-'))
    if (this.who.uid) fs.chownSync(this.folder, this.who.uid, this.who.gid)
    this.servers = [{ name: 'one' }, { name: 'other' }]
    for (const server of this.servers) server.data = path.join(this.folder, server.name)
  }

  get options () {
    return { ...this.who, cwd: this.folder, encoding: 'utf8' }
  }

  run (program, args) {
    return execute(`${this.bin}/${program}`, args, this.options)
  }

  async start () {
    const [first] = this.servers
    for (const server of this.servers) server.port = await freePort()
    await this.run('initdb', ['--pgdata', first.data, '--username=postgres', '--auth=trust', '--no-locale', '--encoding=UTF8', '--no-sync'])
    // A killed process loses nothing that it wrote; only a power cut would, and that is another trial.
    fs.appendFileSync(`${first.data}/postgresql.conf`, "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\nfull_page_writes = off\nsynchronous_commit = on\nshared_buffers = '64MB'\nmax_connections = 100\nwal_level = replica\nmax_wal_senders = 5\nwal_keep_size = '256MB'\nhot_standby = on\nautovacuum_naptime = '5s'\n")
    fs.appendFileSync(`${first.data}/pg_hba.conf`, 'host replication all 127.0.0.1/32 trust\n')
    await this.launch(first)
    this.primary = first
    await this.rebuildStandby()
  }

  /** Starts the server on its own port, which wins over what its files say. */
  async launch (server) {
    const log = fs.openSync(`${server.data}.log`, 'a')
    server.process = spawn(`${this.bin}/postgres`, ['-D', server.data, '-p', String(server.port)], { ...this.options, stdio: ['ignore', log, log] })
    fs.closeSync(log)
    for (let tries = 0; tries < 600; tries++) {
      if (server.process.exitCode !== null) break
      if (await this.ask(server, 'SELECT 1').then(() => true, () => false)) return
      await sleep(50)
    }
    throw new Error(`PostgreSQL did not start: ${fs.readFileSync(`${server.data}.log`, 'utf8').slice(-2_000)}`)
  }

  /** The first value of a statement's answer. */
  async ask (server, statement) {
    const { stdout } = await this.run('psql', ['-X', '-q', '-A', '-t', '-h', '127.0.0.1', '-p', String(server.port), '-U', 'postgres', '-d', 'postgres', '-c', statement])
    return stdout.trim()
  }

  get standby () {
    return this.servers.find(server => server !== this.primary)
  }

  address (port = this.primary.port) {
    return `postgres://postgres@127.0.0.1:${port}/postgres`
  }

  /** The server that is not the primary becomes a copy of it and follows; from then on each commit waits for it. */
  async rebuildStandby () {
    const { standby } = this
    await this.end(standby)
    fs.rmSync(standby.data, { recursive: true, force: true })
    await this.run('pg_basebackup', ['-D', standby.data, '-h', '127.0.0.1', '-p', String(this.primary.port), '-U', 'postgres', '-R', '-X', 'stream', '-c', 'fast', '--no-sync'])
    await this.launch(standby)
    await this.until(() => this.ask(this.primary, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"), '1')
    if (!this.synchronous) return
    await this.setSynchronous('*')
    await this.until(() => this.ask(this.primary, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"), '1')
  }

  async setSynchronous (names) {
    await this.ask(this.primary, `ALTER SYSTEM SET synchronous_standby_names = '${names}'`)
    await this.ask(this.primary, 'SELECT pg_reload_conf()')
  }

  /**
   * kill -9 of the primary with all that belongs to it; the standby takes over alone, until the next rebuild.
   *
   * @param behind milliseconds for which the standby is sent nothing before that, as on a line that is too slow
   */
  async failOver (behind = 0) {
    const { primary, standby } = this
    if (behind > 0) {
      process.kill(Number(await this.ask(primary, 'SELECT pid FROM pg_stat_replication')), 'SIGSTOP')
      await sleep(behind)
    }
    await this.end(primary)
    await this.run('pg_ctl', ['promote', '--pgdata', standby.data, '--wait', '--timeout=30'])
    this.primary = standby
    await this.setSynchronous('')
    await this.until(() => this.ask(standby, "SELECT current_setting('synchronous_standby_names') = '' AND NOT pg_is_in_recovery()"), 't')
  }

  async until (ask, wanted) {
    for (let tries = 0; tries < 600; tries++) {
      if (await ask().catch(() => '') === wanted) return
      await sleep(20)
    }
    throw new Error(`the cluster did not come to ${wanted}`)
  }

  async end (server) {
    const { process: child } = server
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise(resolve => child.once('exit', resolve))
    // Its children would otherwise answer for a moment longer.
    const children = fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    child.kill('SIGKILL')
    for (const pid of children) try { process.kill(pid, 'SIGKILL') } catch {}
    await gone
    for (let tries = 0; tries < 500 && children.some(pid => fs.existsSync(`/proc/${pid}`)); tries++) await sleep(10)
    fs.rmSync(path.join(server.data, 'postmaster.pid'), { force: true })
  }

  async stop () {
    for (const server of this.servers) await this.end(server)
    this.remove()
  }

  remove () {
    for (const { process: child } of this.servers) child?.kill('SIGKILL')
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}
