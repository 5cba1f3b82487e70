// An editor without a screen: types into a paragraph of its own, over the y-websocket protocol.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import * as Y from 'yjs'

export { Y }

const SENTENCE = 'the conveyor stalls because the cursor of the depot was never moved on '

let clients = 1_000 + Math.floor(performance.timeOrigin % 1_000_000) * 1_000

export class Editor {
  /**
   * @param named speaks as Hocuspocus wants it
   * @param whole keeps the whole document instead of only what it types itself; most editors of a large load
   *   don't, so that the generator is not what is measured
   * @param onUpdate is told of each run of characters of others: client, clock, length
   * @param onSaved is told the state vector of message 100
   */
  constructor ({ url, headers, named = false, whole = false, onUpdate, onSaved }) {
    Object.assign(this, { url, headers, whole, onUpdate, onSaved })
    // Hocuspocus puts the document's name before every message; the others know it from the address.
    this.name = named ? url.split('/').at(-1) : null
    this.doc = new Y.Doc()
    this.doc.clientID = clients++
    this.received = 0
    this.presence = 1
    this.closed = null
    this.doc.on('update', (update, origin) => {
      if (origin !== this) this.send(0, 2, update)
    })
  }

  /** Connects; answers when the server has sent what it has. */
  connect () {
    this.socket = new WebSocket(this.url, { perMessageDeflate: false, headers: this.headers })
    return new Promise((resolve, reject) => {
      this.synced = resolve
      this.socket.on('error', reject)
      this.socket.on('close', code => {
        this.closed = code
        reject(new Error(`${this.url} closed with ${code}`))
      })
      this.socket.on('message', bytes => this.receive(bytes))
      this.socket.on('open', () => {
        if (this.name !== null) this.introduce()
        this.send(0, 0, Y.encodeStateVector(this.doc))
      })
    })
  }

  /** Makes the paragraph that this editor types into. */
  begin () {
    const paragraph = new Y.XmlElement('paragraph')
    this.text = new Y.XmlText()
    paragraph.insert(0, [this.text])
    this.doc.getXmlFragment('default').insert(0, [paragraph])
    this.typed = 0
  }

  /** The number that the next character gets. */
  get clock () {
    return Y.getState(this.doc.store, this.doc.clientID)
  }

  /** One key, with the cursor that goes with it. */
  type () {
    this.text.insert(this.typed, SENTENCE[this.typed % SENTENCE.length])
    this.typed++
    const place = { type: null, tname: null, item: { client: this.doc.clientID, clock: this.clock - 1 }, assoc: 0 }
    const state = JSON.stringify({ user: { name: `Editor ${this.doc.clientID}`, color: '#126a86' }, cursor: { anchor: place, head: place } })
    const inner = encoding.createEncoder()
    encoding.writeVarUint(inner, 1)
    encoding.writeVarUint(inner, this.doc.clientID)
    encoding.writeVarUint(inner, this.presence++)
    encoding.writeVarString(inner, state)
    this.send(1, null, encoding.toUint8Array(inner))
  }

  /** Hocuspocus opens a document only after a word about who one is. */
  introduce () {
    const out = this.message(2)
    encoding.writeVarUint(out, 0)
    encoding.writeVarString(out, 'a token')
    encoding.writeVarString(out, '4.7.0')
    this.socket.send(encoding.toUint8Array(out))
  }

  message (type) {
    const out = encoding.createEncoder()
    if (this.name !== null) encoding.writeVarString(out, this.name)
    encoding.writeVarUint(out, type)
    return out
  }

  send (type, sort, bytes) {
    if (this.socket?.readyState !== WebSocket.OPEN) return
    const out = this.message(type)
    if (sort !== null) encoding.writeVarUint(out, sort)
    encoding.writeVarUint8Array(out, bytes)
    this.socket.send(encoding.toUint8Array(out))
  }

  receive (bytes) {
    this.received++
    const frame = decoding.createDecoder(bytes)
    if (this.name !== null) decoding.readVarString(frame)
    const type = decoding.readVarUint(frame)
    if (this.name !== null && type === 9) {
      this.socket.send(encoding.toUint8Array(this.message(10)))
    } else if (type === 100) {
      this.onSaved?.(Y.decodeStateVector(decoding.readVarUint8Array(frame)))
    } else if (type === 0 || (this.name !== null && type === 4)) {
      const sort = decoding.readVarUint(frame)
      if (sort === 0) {
        this.send(0, 1, Y.encodeStateAsUpdate(this.doc, decoding.readVarUint8Array(frame)))
        return
      }
      if (this.whole) Y.applyUpdate(this.doc, decoding.readVarUint8Array(frame), this)
      else if (this.onUpdate && sort === 2) this.told(decoding.readVarUint8Array(frame))
      if (sort === 1) this.synced(this)
    }
  }

  told (update) {
    for (const { id, length } of Y.decodeUpdate(update).structs) this.onUpdate(id.client, id.clock, length)
  }

  leave () {
    this.socket?.terminate()
  }
}
