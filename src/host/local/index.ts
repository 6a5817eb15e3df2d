import type {Host} from '../host.ts'
import type {Secrets} from '../secrets.ts'
import {createAsUnit} from './as-unit.ts'
import {close} from './closing.ts'
import {digests} from './digests.ts'
import {exec} from './exec.ts'
import {openEyes} from './eyes.ts'
import {request} from './http.ts'
import {journal} from './journal.ts'
import {notOurFault} from './own-fault.ts'
import {createPostgres} from './postgres.ts'
import {units} from './units.ts'
import {walk} from './walk.ts'

export interface LocalHost extends Host {
  /** Ends the connections and the children that are kept for further questions. */
  disconnect(): void
  /** Ends what is still open, so that the process can. */
  close(): void
}

/** This machine. */
export function localHost(secrets: Secrets): LocalHost {
  const eyes = openEyes()
  const postgres = createPostgres(eyes.resolve)
  return {
    uid: process.geteuid?.() ?? -1,
    secrets,
    now: () => Date.now(),
    units,
    journal,
    exec,
    asUnit: createAsUnit(),
    readFile: eyes.readFile,
    stat: eyes.stat,
    list: eyes.list,
    walk,
    digests,
    query: async (connection, {sql}) => notOurFault(await postgres.query(connection, sql)),
    request: async question => notOurFault(await request(question, eyes.resolve)),
    disconnect() {
      postgres.close()
      eyes.close()
    },
    close() {
      postgres.close()
      eyes.close()
      close()
    },
  }
}
