// From exported files to a timeline that can be searched.
import { Installation } from './installation.mjs'
import { sleep } from './figures.mjs'

/** Brings the corpus into one incident of a fresh installation, as `debrief import` does beside a running server. */
export async function measureImport (settings, corpus) {
  const here = new Installation(settings)
  await here.start()
  try {
    await here.setUp()
    const { number } = await here.api('POST', '/incidents', { title: 'Ledger entries arrive twice' })
    const slack = ['import', 'slack', corpus.slack, '--incident', number]
    const pagerduty = ['import', 'pagerduty', ...corpus.pagerduty, '--incident', number]
    const began = performance.now()
    const chat = await here.command(slack)
    const pages = await here.command(pagerduty)
    const found = async words => (await here.api('GET', `/incidents/${number}/evidence?words=${words}`)).total
    while ((await found('tariff')) === 0 || (await found('acknowledge')) === 0) await sleep(5)
    const seconds = (performance.now() - began) / 1000
    const again = await here.command(slack)
    const evidence = (await here.api('GET', `/incidents/${number}/evidence`)).total
    return {
      seconds,
      slackSeconds: chat.seconds,
      pagerdutySeconds: pages.seconds,
      cpu: chat.cpu + pages.cpu,
      peakMb: Math.max(chat.peakMb, pages.peakMb),
      serverPeakMb: here.cost().peakMb,
      evidence,
      events: Number(pages.said.match(/(\d+) events/)[1]) + Number(chat.said.match(/(\d+) events/)[1]),
      addedAgain: Number(again.said.match(/(\d+) new records/)[1]),
      number
    }
  } finally {
    await here.stop()
  }
}
