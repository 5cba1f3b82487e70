// A copy that yrs keeps: a program of ours (crates/collab/examples/replica.rs) does for it what Yjs does for the others.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Replica, Y } from './replica.mjs'

const hex = bytes => Buffer.from(bytes).toString('hex')

/** The program that keeps copies; answers come in the order of the questions. */
export class Keeper {
  constructor (binary) {
    this.child = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.waiting = []
    this.names = 0
    createInterface({ input: this.child.stdout }).on('line', line => {
      const { resolve, reject } = this.waiting.shift()
      if (line.startsWith('!')) reject(new Error(`yrs: ${line.slice(1)}`))
      else resolve(new Uint8Array(Buffer.from(line, 'hex')))
    })
    this.child.on('close', () => this.waiting.splice(0).forEach(({ reject }) => reject(new Error('the program that keeps copies ended'))))
  }

  ask (name, act, value = '') {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.child.stdin.write(`${name} ${act} ${value}\n`)
    })
  }
}

export class YrsReplica extends Replica {
  static keeper = null

  begin (client) {
    this.name = `c${YrsReplica.keeper.names++}`
    this.clock_ = 0
    this.arrived = Promise.resolve()
    this.ask('new', client)
  }

  /** Late, but one after the other as sockets bring them. */
  arrive (receive) {
    this.arrived = this.arrived.then(receive)
  }

  ask (act, value) {
    return YrsReplica.keeper.ask(this.name, act, value)
  }

  vector () {
    return this.ask('vector')
  }

  since (vector) {
    return this.ask('since', hex(vector))
  }

  /**
   * Never with a gap before it: yrs 0.28.1 ends where a block is larger than the gap that it fills. What others wrote
   * since it came waits for the server's first answer.
   */
  async take (update, isAnswer, heard) {
    heard.early ??= []
    if (!isAnswer && heard.answered === 0) {
      heard.early.push(update)
      return
    }
    for (const each of [update, ...heard.early.splice(0)]) await this.ask('apply', hex(each))
  }

  async edit () {
    const update = await this.ask('edit', this.random.whole(0, 2 ** 31))
    this.clock_ = Y.decodeStateVector(await this.vector()).get(this.client) ?? 0
    // Two empty lists: nothing was there to change.
    if (update.length > 2) this.wrote(update)
  }

  get clock () {
    return this.clock_
  }

  /** What it holds, as Yjs reads it from both versions of the encoding; an error if they differ. */
  async asYjs () {
    const [first, second] = [new Y.Doc(), new Y.Doc()]
    Y.applyUpdate(first, await this.ask('state'))
    Y.applyUpdateV2(second, await this.ask('state2'))
    if (!same(first, second)) throw new Error('yrs encodes two different documents in versions 1 and 2')
    return first
  }

  async end () {
    this.disconnect()
    await this.ask('drop')
  }
}

/** Whether two documents hold the same structs and deletions and read the same. */
export function same (one, other) {
  return Y.equalSnapshots(Y.snapshot(one), Y.snapshot(other)) && one.getXmlFragment('default').toString() === other.getXmlFragment('default').toString()
}

/** Whether yrs reads what Yjs encodes, in both versions, and gives it back unchanged. */
export async function survivesYrs (doc) {
  for (const [act, update] of [['apply', Y.encodeStateAsUpdate(doc)], ['apply2', Y.encodeStateAsUpdateV2(doc)]]) {
    const copy = new YrsReplica({ random: null, client: 5 })
    await copy.ask(act, hex(update))
    const back = await copy.asYjs()
    await copy.end()
    if (!same(doc, back)) return false
  }
  return true
}
