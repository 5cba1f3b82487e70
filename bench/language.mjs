// What the reframing aid costs through the API: documents of a thousand words, one after the other, and the memory of the
// server before the first and after the last. Needs the release program (make assets, cargo build --release).
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chance } from './chance.mjs'
import { figure, percentile } from './figures.mjs'
import { Installation } from './installation.mjs'

const binary = process.env.DEBRIEF_BIN ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(os.homedir(), '.cache/debrief/target'), 'release/debrief')
if (!fs.existsSync(binary)) {
  console.log('api=not measured: there is no release program')
  process.exit(0)
}
const ROUNDS = Number(process.env.N ?? 300)

const plain = [
  'The gateway refused every second ticket from 05:47 on.', 'A switch was set to the new route at 05:31.',
  'The harbour rang before the first alert.', 'Two people looked at the graph and saw what it showed then.',
  'Retries from the phones doubled the load within a minute.', 'The runbook describes the old cluster, which was gone in May.',
  'Nadia opened gate 4 by hand.', 'Afterwards the queue drained in eleven minutes.'
]
const asked = ['The operator should have checked the switch.', 'The outage was caused by human error.', 'We must be more careful.', 'Bob was careless.']

/** Sentences as a draft holds them, a few of them worth a question. */
function document (seed) {
  const { pick, happens } = chance(seed)
  let text = '# Late tickets\n\n## What happened\n\n'
  for (let words = 0; words < 1000;) {
    const sentence = pick(happens(0.05) ? asked : plain)
    words += sentence.split(' ').length
    text += sentence + (happens(0.2) ? '\n\n' : ' ')
  }
  return text
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'debrief-language-'))
const here = new Installation({ binary, dataDir: path.join(folder, 'data') })
try {
  await here.start()
  await here.setUp()
  const before = here.cost()
  const times = []
  let found = 0
  for (let n = 0; n < ROUNDS; n++) {
    const text = document(n)
    const began = performance.now()
    const answer = await here.api('POST', '/lint', { text })
    times.push(performance.now() - began)
    found += (answer.items ?? answer.body?.items ?? []).length
  }
  const after = here.cost()
  const load = os.loadavg()[0]
  console.log(`api_ms_first=${figure(times[0])} api_ms_p50=${figure(percentile(times.slice(1), 0.5))} api_ms_p95=${figure(percentile(times.slice(1), 0.95))} documents=${ROUNDS} words=1000 findings=${found} extra_mb=${figure(after.mb - before.mb)} extra_peak_mb=${figure(after.peakMb - before.peakMb)} load=${figure(load)}`)
} finally {
  await here.stop()
  fs.rmSync(folder, { recursive: true })
}
