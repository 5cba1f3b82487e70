// Requests that come whether or not the ones before were answered (Poisson arrivals). Latency counts from the
// instant a request was meant to leave, so that a stall is paid for by everybody who came during it.
import http from 'node:http'
import { chance } from './chance.mjs'
import { sleep } from './figures.mjs'

/**
 * @param mix `{ name, weight, path(random) }` for each kind of page
 * @returns milliseconds and failures by name
 */
export async function load ({ port, cookie, mix, rate, warmUp, seconds, seed = 5 }) {
  const random = chance(seed)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  const results = Object.fromEntries(mix.map(kind => [kind.name, { ms: [], failed: 0 }]))
  const whole = mix.reduce((sum, kind) => sum + kind.weight, 0)
  const began = performance.now()
  let under = 0
  const choose = () => {
    let point = random.next() * whole
    return mix.find(kind => (point -= kind.weight) < 0) ?? mix[0]
  }
  const fire = due => {
    const kind = choose()
    const result = results[kind.name]
    const counts = due - began > warmUp * 1000
    under++
    const done = ok => {
      under--
      if (!counts) return
      if (ok) result.ms.push(performance.now() - due)
      else result.failed++
    }
    const request = http.get({ host: '127.0.0.1', port, path: kind.path(random), agent, headers: { cookie, 'accept-encoding': 'gzip' } }, answer => {
      answer.resume()
      answer.on('end', () => done(answer.statusCode === 200))
      answer.on('error', () => done(false))
    })
    request.on('error', () => done(false))
  }
  let due = began
  const end = began + (warmUp + seconds) * 1000
  while (due < end) {
    const now = performance.now()
    if (due > now) await sleep(due - now)
    fire(due)
    due += random.wait(1000 / rate)
  }
  for (let waited = 0; under > 0 && waited < 10_000; waited += 20) await sleep(20)
  agent.destroy()
  return results
}
