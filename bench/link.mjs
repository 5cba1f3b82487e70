// The line from one node to the database, which a trial can cut, silence or lead elsewhere.
import { once } from 'node:events'
import net from 'node:net'

export class Link {
  /** @param target answers the port that a new connection goes to */
  constructor (target) {
    this.target = target
    this.pairs = new Set()
    this.isCut = false
    this.server = net.createServer({ noDelay: true }, client => this.join(client))
  }

  async start () {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = this.server.address().port
  }

  join (client) {
    if (this.isCut) return client.destroy()
    const database = net.connect({ port: this.target(), host: '127.0.0.1', noDelay: true })
    const pair = { client, database, listens: false, silent: false }
    this.pairs.add(pair)
    const end = () => {
      this.pairs.delete(pair)
      client.destroy()
      database.destroy()
    }
    for (const side of [client, database]) side.on('error', end).on('close', end)
    client.on('data', bytes => {
      // The statement stands in the clear in one packet, because it is sent alone.
      if (bytes.includes('LISTEN')) pair.listens = true
      if (!database.write(bytes)) { client.pause(); database.once('drain', () => client.resume()) }
    })
    database.on('data', bytes => {
      // What a silent line swallows is gone: the other end hears neither words nor that it missed them.
      if (pair.silent) return
      if (!client.write(bytes)) { database.pause(); client.once('drain', () => database.resume()) }
    })
  }

  /** Breaks every connection; with `stay` none is made until [mend]. */
  cut ({ stay = false } = {}) {
    this.isCut = stay
    for (const { client, database } of this.pairs) {
      client.destroy()
      database.destroy()
    }
  }

  mend () {
    this.isCut = false
  }

  /** Breaks the connection on which the node hears of the others; answers how many there were. */
  cutListening () {
    const listening = [...this.pairs].filter(pair => pair.listens)
    for (const { client } of listening) client.destroy()
    return listening.length
  }

  /** Swallows what the database says on that connection, or lets it through again. */
  silenceListening (silent) {
    const listening = [...this.pairs].filter(pair => pair.listens)
    for (const pair of listening) pair.silent = silent
    return listening.length
  }

  stop () {
    this.cut()
    this.server.close()
  }
}
