// A throw-away PostgreSQL, started by the script that also serves the tests; it ends with this process.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('../dev/postgres-for-tests', import.meta.url))

/** The address of an empty database, or `null` where PostgreSQL is not installed. It runs without fsync. */
export function startPostgres (folder) {
  const told = path.join(folder, 'postgres.env')
  try {
    execFileSync(SCRIPT, { env: { ...process.env, NEXTEST_ENV: told }, stdio: ['ignore', 'ignore', 'inherit'] })
    return `${fs.readFileSync(told, 'utf8').match(/=(postgres:.*)/)[1]}/postgres`
  } catch {
    return null
  }
}
