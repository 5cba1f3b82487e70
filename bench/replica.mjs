// A copy of a shared document behind a bad line: real Yjs, the frames of y-websocket, everything late, twice or
// not at all.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { edit } from './edits.mjs'
import { sleep } from './figures.mjs'

export { Y }

export class Replica {
  constructor ({ url, headers, random, client }) {
    Object.assign(this, { url, headers, random, client })
    this.sent = []
    this.saved = new Map()
    this.late = true
    this.closed = []
    this.begin(client)
  }

  /** Makes the copy itself; what follows down to `clock` is all that knows how it is kept. */
  begin (client) {
    this.doc = new Y.Doc()
    this.doc.clientID = client
    this.fragment = this.doc.getXmlFragment('default')
    this.undo = new Y.UndoManager(this.fragment, { trackedOrigins: new Set(['typing']), captureTimeout: 0 })
    this.doc.on('update', (update, origin) => {
      if (origin !== this) this.wrote(update)
    })
  }

  async vector () {
    return Y.encodeStateVector(this.doc)
  }

  async since (vector) {
    return Y.encodeStateAsUpdate(this.doc, vector)
  }

  async take (update) {
    Y.applyUpdate(this.doc, update, this)
  }

  /** One random edit. */
  async edit () {
    edit(this, this.random)
  }

  /** The number that its next character gets. */
  get clock () {
    return Y.getState(this.doc.store, this.client)
  }

  wrote (update) {
    const frame = this.frame(2, update)
    if (this.sent.length < 50) this.sent.push(frame)
    this.pass(frame)
  }

  /** Leaves nothing behind. */
  async end () {
    this.disconnect()
  }

  /** How many of its questions the server answered on this line. */
  get answered () {
    return this.heard?.answered ?? 0
  }

  get connected () {
    return this.socket?.readyState === WebSocket.OPEN
  }

  /** Connects and asks for what is missing; `false` if the server is not there or says no. */
  async connect () {
    if (this.connected) return true
    const socket = new WebSocket(this.url, { perMessageDeflate: false, headers: this.headers })
    this.socket = socket
    socket.binaryType = 'nodebuffer'
    this.way = Promise.resolve()
    // Of this line: what was still under way on the one before counts for nothing.
    const heard = this.heard = { answered: 0, told: 0 }
    socket.on('error', () => {})
    socket.on('close', code => this.closed.push(code))
    socket.on('message', bytes => this.arrive(async () => {
      if (this.late && this.random.happens(0.3)) await sleep(this.random.whole(0, 15))
      if (this.socket === socket) await this.receive(bytes, heard)
    }))
    return new Promise(resolve => {
      socket.on('open', async () => {
        const question = this.frame(0, await this.vector())
        if (socket.readyState === WebSocket.OPEN) socket.send(question)
        resolve(true)
      })
      socket.on('close', () => resolve(false))
    })
  }

  disconnect () {
    const { socket } = this
    this.socket = null
    socket?.terminate()
  }

  frame (sort, bytes) {
    const out = encoding.createEncoder()
    encoding.writeVarUint(out, 0)
    encoding.writeVarUint(out, sort)
    encoding.writeVarUint8Array(out, bytes)
    return encoding.toUint8Array(out)
  }

  /** Sends in order, as a stream does, late and now and then twice. A line that breaks takes with it what waits. */
  pass (frame) {
    const { socket } = this
    if (socket?.readyState !== WebSocket.OPEN) return
    const wait = this.late && this.random.happens(0.3) ? this.random.whole(0, 10) : 0
    const times = this.late && this.random.happens(0.1) ? 2 : 1
    this.way = this.way.then(async () => {
      if (wait > 0) await sleep(wait)
      for (let n = 0; n < times; n++) if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    })
  }

  /** Something it sent before, once more; where that leaves gaps the server may close the line. */
  repeat () {
    if (this.sent.length > 0) this.pass(this.random.pick(this.sent))
  }

  /** Frames of the server overtake one another: Yjs has to bear that. */
  arrive (receive) {
    receive()
  }

  async receive (bytes, heard) {
    const frame = decoding.createDecoder(bytes)
    const type = decoding.readVarUint(frame)
    if (type === 100) {
      Y.decodeStateVector(decoding.readVarUint8Array(frame)).forEach((clock, client) => this.saved.set(client, Math.max(clock, this.saved.get(client) ?? 0)))
    } else if (type === 0) {
      const sort = decoding.readVarUint(frame)
      const content = decoding.readVarUint8Array(frame)
      if (sort === 0) {
        const answer = this.frame(1, await this.since(content))
        if (this.heard === heard) this.pass(answer)
        heard.told++
        return
      }
      await this.take(content, sort === 1, heard)
      if (sort === 1) heard.answered++
    }
  }

  get isSaved () {
    return (this.saved.get(this.client) ?? 0) >= this.clock
  }

  /** A sound line at last: sends and asks for everything until the server has answered. */
  async settle (until) {
    this.late = false
    this.disconnect()
    while (performance.now() < until) {
      if (!(await this.connect())) {
        await sleep(20)
        continue
      }
      // The server answers the first question at once, the second only after our answer to its own: deletions are in
      // that answer, and nothing else says when it has them.
      const { heard } = this
      while (this.connected && (heard.answered < 1 || heard.told < 1) && performance.now() < until) await sleep(2)
      await this.way
      const question = this.frame(0, await this.vector())
      if (this.connected) this.socket.send(question)
      while (this.connected && (heard.answered < 2 || !this.isSaved) && performance.now() < until) await sleep(2)
      if (this.connected && heard.told > 0 && heard.answered > 1 && this.isSaved) return true
    }
    return false
  }
}
