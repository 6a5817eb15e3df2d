import {settingsKnown, sourceOf} from '../../facts/django/django.ts'
import {meantHost} from '../../facts/django/host-entries.ts'
import {whereVariable} from '../../facts/django/variables.ts'
import {allowedHost, isValidHost} from '../../facts/http.ts'
import {type Bind, shownBind} from '../../facts/target/bind.ts'
import {hostsOf} from '../../facts/target/listening.ts'
import {answerOf, type Target} from '../../facts/target/target.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart, restartWithEnvironment} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {defaultConfigPath} from '../../report/config-path.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {edit} from '../../report/step.ts'
import {type Code, found} from './app.findings.ts'

/**
 * Every page answers 400: the application refuses a name that it allows, or nobody knows what it
 * allows.
 * @throws NotStated where that is for Django to say, and it was not asked.
 */
export function badRequest(target: Target, bind: Bind): Verdict<Code> {
  const name = allowedHost(target.hosts)
  return name === null ? withoutHosts(target, bind) : withHost(target, bind, name)
}

function withoutHosts(target: Target, bind: Bind): Verdict<Code> {
  const {django, environment, running, workingDirectory} = target
  const place = shownBind(bind)
  const variable = whereVariable(target, 'ALLOWED_HOSTS')?.variable ?? 'ALLOWED_HOSTS'
  if (hostsOf(environment.get(variable)).length > 0 && running?.has(variable)) {
    const why =
      'the running process still has an empty ALLOWED_HOSTS, which the unit has filled since'
    return finding(found['no-hosts'](place, why), restartWithEnvironment(target))
  }
  if (settingsKnown(django) || environment.has(variable)) {
    const why = `ALLOWED_HOSTS is empty (${sourceOf(django, 'ALLOWED_HOSTS', workingDirectory)})`
    const cure = mend('Name the hosts in ALLOWED_HOSTS', settingMeans(target, 'ALLOWED_HOSTS'))
    return finding(found['no-hosts'](place, why), cure)
  }
  answerOf(target, 'which names the application allows')
  return finding(found['unknown-hosts'](place), {
    ...remedy('Say which names it allows', 'manual', [edit(defaultConfigPath)]),
    lasting: {file: defaultConfigPath, text: '[target]\nhosts = ["…"]'},
  })
}

function withHost(target: Target, bind: Bind, name: string): Verdict<Code> {
  const names = target.hosts.map(entry => meantHost(entry)?.name ?? entry)
  const meant = meantHost(name)
  const why = isValidHost(name)
    ? 'ALLOWED_HOSTS has that name, but the running application does not allow it'
    : meant
      ? `${meant.why}: ${names.join(', ')}`
      : 'Django rejects host names with an underscore'
  const cure = mend(
    'Correct ALLOWED_HOSTS',
    settingMeans(target, 'ALLOWED_HOSTS', names.join(',')),
    {
      after: [restart(target)],
    },
  )
  return finding(found['bad-request'](shownBind(bind), name, why), cure, {
    evidence: [`ALLOWED_HOSTS=${target.hosts.join(',')}`],
  })
}
