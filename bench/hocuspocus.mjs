// The reference server of Hocuspocus, in memory only; started by collaboration.mjs with PORT in its environment.
import { Server } from '@hocuspocus/server'

const server = new Server({ name: 'measured', address: '127.0.0.1', port: Number(process.env.PORT), quiet: true, stopOnSignals: false })
await server.listen()
console.log('listening')
