// The layer of dev/layer between a program and its disk: built here, steered here, and the power cut played from its
// journal by power-cut.mjs.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Installation } from './installation.mjs'
import { cutPower } from './power-cut.mjs'

const SOURCE = fileURLToPath(new URL('../dev/layer/layer.c', import.meta.url))

/** Sorts of operations that count towards the n-th. */
export const WRITE = 1
export const SYNC = 2
export const SIZE = 4
export const ENTRY = 8
export const ALL = WRITE | SYNC | SIZE | ENTRY
const [FAIL, KILL] = [1, 2]
/** What the operating system calls its failures on Linux. */
export const ERRORS = { EIO: 5, ENOSPC: 28, EROFS: 30 }

export class Layer {
  /** @param folder an empty folder; what is watched is `data` in it */
  constructor (folder, { lies = false, syncMicroseconds = 0 } = {}) {
    this.syncMicroseconds = syncMicroseconds
    this.folder = fs.realpathSync(folder)
    this.data = path.join(this.folder, 'data')
    this.journal = path.join(this.folder, 'journal')
    this.control = path.join(this.folder, 'control')
    this.library = path.join(this.folder, 'layer.so')
    this.lies = lies
    execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', this.library, SOURCE, '-ldl', '-lpthread'])
    fs.writeFileSync(this.control, Buffer.alloc(64))
    this.handle = fs.openSync(this.control, 'r+')
    this.forget()
  }

  get env () {
    return { LD_PRELOAD: this.library, LAYER_DIR: this.data, LAYER_JOURNAL: this.journal, LAYER_CONTROL: this.control, LAYER_SYNC_US: String(this.syncMicroseconds), ...(this.lies ? { LAYER_LIES: '1' } : {}) }
  }

  tell (action, sorts, number, until, after) {
    const told = Buffer.alloc(40)
    for (const [n, value] of [action, sorts, number, until].entries()) told.writeUInt32LE(value, n * 4)
    told.writeBigUInt64LE(BigInt(after), 16)
    fs.writeSync(this.handle, told, 0, told.length, 0)
  }

  /** From the n-th operation of these sorts on, `times` of them fail with this error (0: all, until [heal]). */
  fail ({ sorts, error, after, times = 1 }) {
    this.tell(FAIL, sorts, ERRORS[error], times, after)
  }

  /** The program ends at the n-th operation, before it is done. */
  kill ({ sorts = ALL, after }) {
    this.tell(KILL, sorts, 0, 0, after)
  }

  heal () {
    this.tell(0, 0, 0, 0, 0)
  }

  /** Only counts. */
  count (sorts = ALL) {
    this.tell(0, sorts, 0, 0, 0)
  }

  number (at) {
    const told = Buffer.alloc(8)
    fs.readSync(this.handle, told, 0, 8, at)
    return Number(told.readBigUInt64LE())
  }

  get seen () {
    return this.number(24)
  }

  get hit () {
    return this.number(32)
  }

  /** How many seconds the program's clock is ahead. */
  set clock (seconds) {
    const told = Buffer.alloc(8)
    told.writeBigInt64LE(BigInt(seconds))
    fs.writeSync(this.handle, told, 0, 8, 40)
  }

  /** Everything is on disk from here on. */
  forget () {
    fs.rmSync(this.journal, { recursive: true, force: true })
    fs.mkdirSync(this.journal)
  }

  /** The program has ended: its disk now holds what a power cut leaves. Answers what was taken back. */
  cut (random) {
    const told = cutPower({ data: this.data, journal: this.journal, random })
    this.forget()
    return told
  }
}

/** An installation on such a disk: when it is killed, the power goes too. */
export class PoweredInstallation extends Installation {
  constructor ({ binary, layer, random }) {
    super({ binary, dataDir: layer.data, env: layer.env })
    Object.assign(this, { layer, random })
    this.cuts = { cuts: 0, unsynced: 0, taken_back: 0 }
  }

  async start () {
    this.layer.forget()
    return super.start()
  }

  async kill () {
    await super.kill()
    this.afterwards()
  }

  /** What a power cut leaves, once the process is gone. */
  afterwards () {
    const { unsynced, takenBack } = this.layer.cut(this.random)
    this.cuts.cuts++
    this.cuts.unsynced += unsynced
    this.cuts.taken_back += takenBack
  }
}
