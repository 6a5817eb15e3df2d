import {askAsService} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {databaseOf, mustKnowPassword} from '../../facts/target/target.ts'
import {CannotLook, type QueryAnswer} from '../../host/host.ts'
import {ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUser} from '../service/user.ts'
import {explanation} from './login.explanation.ts'
import {loginFacts} from './login.facts.ts'
import {type Code, found, passwordMissing} from './login.findings.ts'
import {loginRefused} from './login.refused.ts'
import {databaseServer} from './server.ts'

/** The service's role can log in. */
export interface Login {
  readonly database: DatabaseTarget
  /** What the server said once it had let the role in: it opens the database, or says why not. */
  readonly answer: Exclude<QueryAnswer, {kind: 'unreachable'}>
}

/** Hands on null where the service uses no PostgreSQL. */
export const databaseLogin: CheckOf<Code, Login | null> = {
  id: 'database/login',
  title: "The service's role can log in to PostgreSQL",
  fix: 'lets PostgreSQL read pg_hba.conf where that was changed and not read since',
  explanation,
  findings: found,
  needs: [databaseServer, serviceUser],
  facts: loginFacts,
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return {findings: [ok('the service uses no PostgreSQL')], result: null}
    if (target.environmentIncomplete) {
      const files = target.secretsFiles
        .filter(({variables}) => variables === null)
        .map(({path}) => path)
      throw new CannotLook(
        `the service's password is not known: ${files.join(', ')} could not be read`,
        {
          privilege: host.uid !== 0,
        },
      )
    }
    const answer = await askAsService(host, target, database)
    if (answer.kind === 'unreachable') {
      if (answer.code === 'password-required') {
        mustKnowPassword(target)
        return passwordMissing(target, database)
      }
      throw new CannotLook(`PostgreSQL did not answer this time: ${answer.message}`)
    }
    if (answer.kind === 'error' && answer.sqlstate.startsWith('28'))
      return loginRefused(host, target, database, answer)
    if (answer.kind === 'error' && /^(?:53|57)/.test(answer.sqlstate)) {
      throw new CannotLook(`PostgreSQL let nobody in this time: ${answer.message}`)
    }
    return {findings: [ok(`role "${database.user}" can log in`)], result: {database, answer}}
  },
}
