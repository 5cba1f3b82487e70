#!/usr/bin/env node
// Writes what the binary and the front end are made of as CycloneDX 1.5 (JSON), from the two lock files: crates that
// are built into the binary, and the packages from which the assets are built.
//
//   node dev/sbom.mjs > debrief.cdx.json
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const metadata = JSON.parse(execFileSync('cargo', ['metadata', '--locked', '--format-version', '1', '--filter-platform', 'x86_64-unknown-linux-gnu'], { cwd: root, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] }))
const sums = new Map()
for (const [, name, version, sum] of fs.readFileSync(path.join(root, 'Cargo.lock'), 'utf8').matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"/g)) sums.set(`${name} ${version}`, sum)

const crates = new Map(metadata.packages.map(one => [one.id, one]))
const edges = new Map(metadata.resolve.nodes.map(node => [node.id, node.deps.filter(({ dep_kinds: kinds }) => kinds.some(({ kind }) => kind !== 'dev')).map(({ pkg }) => pkg)]))
const reference = id => `pkg:cargo/${crates.get(id).name}@${crates.get(id).version}`
const binary = metadata.packages.find(({ name, source }) => name === 'debrief' && !source)
const used = new Set([binary.id])
for (const id of used) for (const next of edges.get(id)) used.add(next)

const components = [...used].filter(id => id !== binary.id).map(id => crates.get(id)).map(({ id, name, version, license, source }) => ({
  type: 'library',
  'bom-ref': reference(id),
  name,
  version,
  purl: reference(id),
  ...(license ? { licenses: [{ expression: license.replaceAll('/', ' OR ') }] } : {}),
  ...(source && sums.has(`${name} ${version}`) ? { hashes: [{ alg: 'SHA-256', content: sums.get(`${name} ${version}`) }] } : {})
}))
const { packages } = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
for (const [place, { version, license, integrity, link }] of Object.entries(packages)) {
  if (!place.includes('node_modules/') || link) continue
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  if (components.some(one => one.purl === purl)) continue
  const [alg, sum] = integrity?.split('-') ?? []
  components.push({ type: 'library', 'bom-ref': purl, name, version, purl, ...(license ? { licenses: [{ expression: license }] } : {}), ...(alg === 'sha512' ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(sum, 'base64').toString('hex') }] } : {}) })
}
const dependencies = [...used].map(id => ({ ref: reference(id), dependsOn: [...new Set(edges.get(id).filter(next => used.has(next)).map(reference))].sort() }))
components.sort((one, other) => one['bom-ref'] < other['bom-ref'] ? -1 : 1)
process.stdout.write(`${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata: { component: { type: 'application', 'bom-ref': reference(binary.id), name: 'debrief', version: binary.version } }, components, dependencies }, null, 1)}\n`)
