// An editor as a browser is one: it holds the whole document, and when its line breaks it comes back by itself, to
// another node if its own does not answer, with what it has not been told is saved.
import { Replica } from './replica.mjs'
import { sleep } from './figures.mjs'
import * as Y from 'yjs'

/** How long a browser waits before it tries again. */
const PAUSE = 200
/** A line that does not open in this time is given up. */
const PATIENCE = 2_000

export class Visitor {
  /** @param home the place in `nodes` to which it goes first */
  constructor ({ nodes, home, number, name, random, client }) {
    Object.assign(this, { nodes, home, number, name, random, client })
    this.place = home
    this.words = []
    /** Milliseconds that it was without a line at most, since somebody set this to 0. */
    this.longestAway = 0
    this.staying = true
    this.copy = new Replica({ url: '', headers: {}, random, client })
    this.copy.late = false
    this.living = this.live()
  }

  async live () {
    let at = this.home
    let left = performance.now()
    while (this.staying) {
      const node = this.nodes[at]
      Object.assign(this.copy, { url: `ws://127.0.0.1:${node.port}/collab/${this.number}?acks=1`, headers: { cookie: node.cookie, origin: node.origin } })
      const opened = await Promise.race([this.copy.connect(), sleep(PATIENCE).then(() => false)])
      if (!opened) {
        this.copy.disconnect()
        at = (at + 1) % this.nodes.length
      } else {
        this.place = at
        while (this.copy.connected && this.copy.answered === 0) await sleep(2)
        if (this.copy.connected) this.longestAway = Math.max(this.longestAway, performance.now() - left)
        while (this.copy.connected && this.staying) await sleep(5)
        left = performance.now()
        this.copy.disconnect()
        at = this.home
      }
      if (this.staying) await sleep(PAUSE * (0.5 + this.random.next()))
    }
  }

  /** Makes its paragraph, once it has the document. */
  begin () {
    const paragraph = new Y.XmlElement('paragraph')
    this.text = new Y.XmlText()
    paragraph.insert(0, [this.text])
    this.copy.doc.transact(() => this.copy.fragment.insert(this.copy.fragment.length, [paragraph]), 'typing')
  }

  /** One word of its own, which stands nowhere else. */
  type () {
    const word = `${this.name}x${this.words.length}y `
    this.copy.doc.transact(() => this.text.insert(this.text.length, word), 'typing')
    this.words.push({ word: word.trim(), end: Y.getState(this.copy.doc.store, this.client) })
  }

  /** The words that a node said are saved. */
  get acknowledged () {
    const saved = this.copy.saved.get(this.client) ?? 0
    return this.words.filter(({ end }) => end <= saved)
  }

  get isReady () {
    return this.copy.connected && this.copy.answered > 0
  }

  /** Whether everything that it typed is saved and it is connected. */
  get isSettled () {
    return this.isReady && this.copy.isSaved
  }

  /** What it shows, as text. */
  get shown () {
    return this.copy.fragment.toString()
  }

  /** Breaks its line, as a browser on a bad network does. */
  breakOff () {
    this.copy.disconnect()
  }

  async leave () {
    this.staying = false
    this.copy.disconnect()
    await this.living
  }
}
