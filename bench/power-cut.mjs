// What a power cut leaves of a folder: from the journal of dev/layer, each write that no fsync covered stays, goes or
// is torn in the middle, and each name that no fsync of its folder covered may be the old one again.
import fs from 'node:fs'
import path from 'node:path'

const LINE = 48
/** How the disk behaves this time; each is possible. */
const WAYS = ['lost', 'sectors', 'sectors', 'pages', 'prefix', 'kept']

/** The journal, in order. A line that its end was cut off of was never followed by its operation. */
function read (journal) {
  const file = path.join(journal, 'journal')
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0)
  const lines = []
  for (let at = 0; at + LINE <= bytes.length;) {
    const big = offset => Number(bytes.readBigUInt64LE(at + offset))
    const body = bytes.readUInt32LE(at + 4)
    if (at + LINE + body > bytes.length) break
    lines.push({ sort: String.fromCharCode(bytes.readUInt32LE(at)), number: big(8), file: big(16), offset: big(24), length: big(32), size: big(40), kept: [bytes.readUInt32LE(at + 44), bytes.readUInt32LE(at + 40)], body: bytes.subarray(at + LINE, at + LINE + body) })
    at += LINE + body
  }
  return lines
}

/** For each file or folder what its fsyncs covered: `(number) => whether an operation with it is on disk`. */
function coverage (lines) {
  const syncs = new Map()
  for (const { sort, file, length } of lines) {
    if (sort !== 's' && sort !== 'x') continue
    if (!syncs.has(file)) syncs.set(file, [])
    syncs.get(file).push({ fine: sort === 's', upto: length })
  }
  // The first fsync after it decides; what one failed for, no later one writes.
  return (file, number) => syncs.get(file)?.find(({ upto }) => upto >= number)?.fine ?? false
}

/** Plays the power cut; answers how many operations were not covered and how many bytes and names were taken back. */
export function cutPower ({ data, journal, random }) {
  const lines = read(journal)
  const isOnDisk = coverage(lines)
  const way = random.pick(WAYS)
  const last = lines.at(-1)?.number ?? 0
  const open = lines.filter(({ sort, file, number }) => 'wtcur'.includes(sort) && !isOnDisk(file, number))
  // A point in time: everything after it is gone, everything before it is there.
  const point = open.length > 0 ? random.pick(open).number : last
  let takenBack = names(open.filter(({ sort }) => 'cur'.includes(sort)), { way, point, random, journal })
  const places = inodes(data)
  const files = new Map()
  for (const line of lines) {
    if (line.sort !== 'w' && line.sort !== 't') continue
    if (!files.has(line.file)) files.set(line.file, [])
    files.get(line.file).push(line)
  }
  for (const [file, operations] of files) {
    const where = places.get(file)
    if (where) takenBack += contents(where, operations, { way, point, random, isOnDisk })
  }
  for (const where of places.values()) if (where.endsWith('-shm')) fs.rmSync(where, { force: true })
  return { way, unsynced: open.length, takenBack }
}

/** Names: a file system keeps their order, so that what is lost is lost from some point on. */
function names (entries, { way, point, random, journal }) {
  const from = way === 'kept' ? entries.length : way === 'lost' ? 0 : way === 'prefix' ? entries.filter(({ number }) => number <= point).length : random.whole(0, entries.length)
  const back = entries.slice(from).reverse()
  for (const { sort, body, kept } of back) {
    const [one, other] = body.toString().split('\0')
    const removed = kept[0] || kept[1] ? path.join(journal, `kept-${kept[0]}-${kept[1]}`) : null
    try {
      if (sort === 'c') fs.rmSync(one, { recursive: true, force: true })
      if (sort === 'r' && fs.existsSync(other)) fs.renameSync(other, one)
      if (removed && fs.existsSync(removed)) fs.linkSync(removed, sort === 'u' ? one : other)
    } catch (error) {
      if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
    }
  }
  return back.length
}

function inodes (folder, found = new Map()) {
  for (const entry of fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : []) {
    const where = path.join(folder, entry.name)
    if (entry.isDirectory()) inodes(where, found)
    else found.set(fs.statSync(where).ino, where)
  }
  return found
}

/**
 * The contents of one file. Each sector goes back on its own to a moment between its last covered write and now; so
 * does the size.
 */
function contents (where, operations, { way, point, random, isOnDisk }) {
  const unit = way === 'pages' ? 4096 : 512
  const open = operations.map(({ file, number }) => !isOnDisk(file, number))
  if (!open.includes(true) || way === 'kept') return 0
  const sectors = ({ offset, length }) => length === 0 ? [] : Array.from({ length: Math.floor((offset + length - 1) / unit) - Math.floor(offset / unit) + 1 }, (_, n) => Math.floor(offset / unit) + n)
  // How many writes of each sector can be taken back: those after the last one that is on disk.
  const may = new Map()
  for (const [n, operation] of operations.entries()) {
    if (operation.sort !== 'w') continue
    for (const sector of sectors(operation)) may.set(sector, open[n] ? (may.get(sector) ?? 0) + 1 : 0)
  }
  const back = new Map([...may].map(([sector, most]) => [sector, way === 'lost' ? most : way === 'prefix' ? most : random.whole(0, most)]))
  const now = fs.readFileSync(where)
  // What was covered last told the size too.
  const covered = open.lastIndexOf(false)
  const sizes = [now.length, ...operations.filter((_, n) => n > covered && (way !== 'prefix' || operations[n].number > point)).map(({ size }) => size)]
  const size = way === 'lost' || way === 'prefix' ? sizes[1] ?? sizes[0] : random.pick(sizes)
  const bytes = Buffer.alloc(Math.max(now.length, ...sizes))
  now.copy(bytes)
  let taken = 0
  for (const operation of [...operations].reverse()) {
    if (operation.sort !== 'w' || (way === 'prefix' && operation.number <= point)) continue
    for (const sector of sectors(operation)) {
      const left = back.get(sector)
      if (left === 0) continue
      back.set(sector, left - 1)
      const [from, to] = [Math.max(operation.offset, sector * unit), Math.min(operation.offset + operation.length, (sector + 1) * unit)]
      for (let at = from; at < to && at < bytes.length; at++) bytes[at] = operation.body[at - operation.offset] ?? 0
      taken += to - from
    }
  }
  fs.writeFileSync(where, bytes.subarray(0, size))
  return taken
}
