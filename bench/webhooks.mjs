// Webhooks that come whether or not the ones before were answered, and what became of them.
import http from 'node:http'
import { chance } from './chance.mjs'
import { sleep } from './figures.mjs'
import { Installation } from './installation.mjs'

const alert = (n, at) => JSON.stringify({
  version: '4',
  groupKey: `{}:{alertname="Queue ${n % 40}"}`,
  status: 'firing',
  receiver: 'debrief',
  alerts: [{
    status: 'firing',
    labels: { alertname: `Queue ${n % 40} grows`, service: 'parcel-router', severity: 'critical', depot: String(n % 7) },
    annotations: { summary: `More than ${100 + n} labels wait in depot ${n % 7}` },
    startsAt: new Date(at).toISOString(),
    fingerprint: n.toString(16).padStart(16, '0'),
    generatorURL: `https://graphs.example/graph?g0.expr=${n}`
  }]
})

/** `rate` webhooks a second for `seconds` from several products; how long each waited for its 202, and what is on record. */
export async function measureWebhooks (settings, { rate, seconds, addresses = 4 }) {
  const here = new Installation(settings)
  await here.start()
  try {
    await here.setUp()
    await here.api('POST', '/incidents', { title: 'Labels wait', services: ['parcel-router'] })
    const paths = []
    for (let n = 0; n < addresses; n++) {
      const { address } = await here.api('POST', '/webhooks', { source: 'alertmanager', label: `Region ${n}`, secret: 'lantern' })
      paths.push(new URL(address).pathname)
    }
    const random = chance(17)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 128 })
    const [ms, statuses] = [[], {}]
    let under = 0
    const before = here.cost()
    const began = performance.now()
    let due = began
    let count = 0
    while (due < began + seconds * 1000) {
      const now = performance.now()
      if (due > now) await sleep(due - now)
      const body = alert(count, Date.now())
      const meant = due
      under++
      const done = status => {
        under--
        statuses[status] = (statuses[status] ?? 0) + 1
        ms.push(performance.now() - meant)
      }
      const headers = { 'content-type': 'application/json', authorization: 'Bearer lantern', 'content-length': Buffer.byteLength(body) }
      const request = http.request({ host: '127.0.0.1', port: here.port, method: 'POST', path: paths[count % paths.length], agent, headers }, answer => {
        answer.resume()
        answer.on('end', () => done(answer.statusCode))
      })
      request.on('error', () => done('error'))
      request.end(body)
      count++
      due += random.wait(1000 / rate)
    }
    while (under > 0) await sleep(5)
    const took = (performance.now() - began) / 1000
    const cpu = here.cost().cpu - before.cpu
    agent.destroy()
    while ((await here.api('GET', '/deliveries?status=waiting')).items.length > 0 && performance.now() - began < 300_000) await sleep(200)
    const processed = (performance.now() - began) / 1000
    const brokeOff = (await here.api('GET', '/deliveries?status=failed')).items.length + (await here.api('GET', '/deliveries?status=kept')).items.length
    const evidence = (await here.api('GET', '/incidents/INC-1/evidence')).total
    ms.sort((a, b) => a - b)
    const at = share => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))]
    return { count, accepted: statuses[202] ?? 0, statuses, rate: count / took, p50: at(0.5), p99: at(0.99), cpu, evidence, brokeOff, processed }
  } finally {
    await here.stop()
  }
}
