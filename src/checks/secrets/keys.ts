import {askAsService} from '../../facts/postgres/postgres.ts'
import {answerOf, knownDatabase, type Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {secretsFile} from './file.ts'
import {explanation} from './keys.explanation.ts'
import {keysFacts} from './keys.facts.ts'
import {type Code, found, stale, unfit, unread} from './keys.findings.ts'
import {emptyKey, lacking} from './keys.missing.ts'

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
    const password = await passwordAskedFor(host, target)
    const verdicts = [
      ...(target.django.answer?.missing ?? []).map(each => lacking(target, each)),
      emptyKey(target),
      password === null ? null : lacking(target, {name: password, place: null, chain: []}),
      ...unread(target),
      ...[...target.environment].map(([name, value]) => unfit(target, name, value)),
      stale(target),
    ].filter(verdict => verdict !== null)
    if (verdicts.length > 0) return verdicts
    answerOf(target, 'which secrets the settings need')
    return ok('SECRET_KEY and the credentials of the database are set')
  },
}

/**
 * The variable of the password, where PostgreSQL asks for one and the settings found none; null
 * where none is needed, as over a socket, or where it trusts everybody.
 */
async function passwordAskedFor(host: Host, target: Target): Promise<string | null> {
  const database = knownDatabase(target)
  const {variable} = database?.stated.password ?? {variable: null}
  if (!database || database.password !== null || variable === null) return null
  if (target.django.answer?.missing.some(({name}) => name === variable)) return null
  const answer = await ifSeen(askAsService(host, target, database))
  return answer?.kind === 'unreachable' && answer.code === 'password-required' ? variable : null
}
