// Small figures: percentiles, what a process costs, how a table is printed.
import fs from 'node:fs'

export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/** The value below which `share` of the measured values lie. */
export function percentile (values, share) {
  if (values.length === 0) return NaN
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** Memory in MB (10^6 bytes) and processor seconds of a process; `null` once it has ended. */
export function cost (pid) {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
    const kib = name => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))?.[1])
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // An ended process that nobody has waited for yet has no memory lines.
    if (!kib('VmRSS')) return null
    // The kernel counts processor time in hundredths of a second on every Linux that Debrief runs on.
    return { mb: kib('VmRSS') * 1024 / 1e6, peakMb: kib('VmHWM') * 1024 / 1e6, cpu: (Number(fields[11]) + Number(fields[12])) / 100 }
  } catch {
    return null
  }
}

/** Seconds in which this machine's processors had work and the host gave them to others; 0 where nobody counts them. */
export function stolen () {
  const [total] = fs.readFileSync('/proc/stat', 'utf8').split('\n')
  return Number(total.trim().split(/\s+/)[8] ?? 0) / 100
}

/** Three significant digits, without an exponent. */
export const figure = value => Number.isFinite(value) ? String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3))) : '–'

/** Lines with columns as wide as their widest cell. */
export function table (rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => [...row[column]].length)))
  const line = row => row.map((cell, column) => cell + ' '.repeat(widths[column] - [...cell].length)).join('  ').trimEnd()
  return [line(rows[0]), widths.map(width => '─'.repeat(width)).join('  '), ...rows.slice(1).map(line)].join('\n')
}
