import type {Host} from '../host.ts'
import type {Secrets} from '../secrets.ts'
import {activity} from './activity.ts'
import {createAsUnit} from './as-unit.ts'
import {close} from './closing.ts'
import {cacheDirectory} from './digest-memory.ts'
import {createDigests} from './digests.ts'
import {exec} from './exec.ts'
import {openEyes} from './eyes.ts'
import {request} from './http.ts'
import {journal} from './journal.ts'
import {notOurFault} from './own-fault.ts'
import {createPostgres} from './postgres.ts'
import {findSandbox} from './sandbox.ts'
import {units} from './units.ts'
import {walk} from './walk.ts'

export interface LocalHost extends Host {
  /** Ends the connections and the children that are kept for further questions. */
  disconnect(): void
  /** Ends what is still open, so that the process can. */
  close(): void
}

/**
 * Milliseconds: a mapped page that was changed is written back within half a minute
 * (vm.dirty_expire_centisecs), and from then on another change shows in the ctime.
 */
const settled = 60_000

export interface LocalOptions {
  /**
   * Takes the digests of unchanged files from /var/cache/prism-doctor and leaves them there; root
   * alone does.
   */
  readonly remembers?: boolean | undefined
}

/** This machine. */
export function localHost(secrets: Secrets, {remembers = false}: LocalOptions = {}): LocalHost {
  const eyes = openEyes()
  const postgres = createPostgres(eyes.resolve)
  const isRoot = process.geteuid?.() === 0
  const files = createDigests(remembers && isRoot ? {directory: cacheDirectory, settled} : null)
  return {
    uid: process.geteuid?.() ?? -1,
    secrets,
    now: () => Date.now(),
    units,
    journal,
    exec,
    asUnit: createAsUnit(),
    sandbox: findSandbox,
    activity,
    readFile: eyes.readFile,
    stat: eyes.stat,
    list: eyes.list,
    walk: (root, apart) => walk(root, apart),
    digests: files.digests,
    query: async (connection, {sql}) => notOurFault(await postgres.query(connection, sql)),
    request: async question => notOurFault(await request(question, eyes.resolve)),
    disconnect() {
      postgres.close()
      eyes.close()
      files.close()
    },
    close() {
      postgres.close()
      eyes.close()
      close()
    },
  }
}
