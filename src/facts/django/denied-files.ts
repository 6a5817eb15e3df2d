import {posix} from 'node:path'
import type {Target} from '../target/target.ts'

/** As many as ask.py tells of; an answer that another program forged may tell of more. */
const maxDenied = 20

/**
 * Files that the settings open themselves, as the unit's user, and that are closed to that user.
 * Libraries say nothing of a closed .env file and go on as if there were none. Another file counts
 * where the settings fail at it. One that systemd has read for the unit already does not.
 */
export function deniedFiles({django: {answer}, secretsFiles}: Target): readonly string[] {
  const failed = (answer?.failures ?? []).flatMap(({chain}) => chain.map(({filename}) => filename))
  const isRead = (path: string): boolean =>
    secretsFiles.some(file => file.path === path && file.variables !== null)
  const isEnv = (path: string): boolean => /(?:^|[._-])env[^/]*$/i.test(posix.basename(path))
  return (answer?.denied ?? [])
    .slice(0, maxDenied)
    .filter(path => failed.includes(path) || (isEnv(path) && !isRead(path)))
}
