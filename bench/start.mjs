// How fast a server with ten thousand incidents is ready, also after it was killed, and what it holds when idle.
import { percentile, sleep } from './figures.mjs'

/** Stops and kills the installation several times. It runs when this returns. */
export async function measureStart (here, rounds = 5) {
  const [afterStop, afterKill] = [[], []]
  for (let n = 0; n < rounds; n++) {
    await here.stop()
    afterStop.push(await here.start())
    // Something that is not yet in the main file, so that there is a journal to read.
    for (let m = 0; m < 20; m++) await here.api('POST', '/incidents', { title: `Round ${n}, number ${m}` })
    await here.kill()
    afterKill.push(await here.start())
  }
  await here.stop()
  await here.start()
  await sleep(2_000)
  const idle = here.cost()
  return { afterStop: percentile(afterStop, 0.5), afterStopMost: Math.max(...afterStop), afterKill: percentile(afterKill, 0.5), afterKillMost: Math.max(...afterKill), idleMb: idle.mb, startCpuMs: idle.cpu * 1000 }
}
