import {askAsService} from '../../facts/postgres/postgres.ts'
import {answerOf, knownDatabase, mustKnowPassword, type Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen, seenOrWhyNot} from '../../host/if-seen.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {secretsFile} from './file.ts'
import {explanation} from './keys.explanation.ts'
import {keysFacts} from './keys.facts.ts'
import {type Code, found, stale, unfit, unread} from './keys.findings.ts'
import {emptyKey, lacking} from './keys.missing.ts'
import {passfileAtFault} from './keys.passfile.ts'

export const secretsKeys: CheckOf<Code> = {
  id: 'secrets/keys',
  title: 'The settings get every secret they need',
  fix: 'restarts a service whose values differ from its secrets file',
  explanation,
  findings: found,
  needs: [secretsFile],
  facts: keysFacts,
  async run({host, target}) {
    if (target.environmentIncomplete) {
      throw new CannotLook('the secrets file may not be read by this user', {
        privilege: host.uid !== 0,
      })
    }
    const password = await seenOrWhyNot(passwordLacking(host, target))
    const verdicts = [
      ...(target.django.answer?.missing ?? []).map(each => lacking(target, each)),
      emptyKey(target),
      password instanceof CannotLook ? null : password,
      ...unread(target),
      ...[...target.environment].map(([name, value]) => unfit(target, name, value)),
      stale(target),
    ].filter(verdict => verdict !== null)
    if (verdicts.length > 0) return verdicts
    if (password instanceof CannotLook) throw password
    answerOf(target, 'which secrets the settings need')
    return ok('SECRET_KEY and the credentials of the database are set')
  },
}

/**
 * Where PostgreSQL asks for a password and nobody has one: the variable that is not set, or the
 * password file that libpq takes none from. Null where none is needed, as over a socket, or where
 * the server trusts everybody.
 */
async function passwordLacking(host: Host, target: Target): Promise<Verdict<Code> | null> {
  const database = knownDatabase(target)
  if (!database || database.password !== null) return null
  const {
    passfile,
    stated: {
      password: {variable},
    },
  } = database
  if (passfile === undefined && variable === null) return null
  if (target.django.answer?.missing.some(({name}) => name === variable)) return null
  const answer = await ifSeen(askAsService(host, target, database))
  if (answer?.kind !== 'unreachable' || answer.code !== 'password-required') return null
  mustKnowPassword(target)
  const atFault = passfile ? await passfileAtFault(host, target, database, passfile) : null
  if (atFault || variable === null) return atFault
  return lacking(target, {name: variable, place: null, chain: []})
}
