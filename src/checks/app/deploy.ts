import {nowhere, showsDebug} from '../../facts/django/debug-page.ts'
import {type DjangoAnswer, listSetting, type SystemCheck} from '../../facts/django/django.ts'
import {answerOf, type Target} from '../../facts/target/target.ts'
import {NotStated} from '../../host/host.ts'
import {ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {servicePackage} from '../service/package.ts'
import {cookiesLost} from './deploy.cookies.ts'
import {explanation} from './deploy.explanation.ts'
import {deployFacts} from './deploy.facts.ts'
import {type Code, debugOn, found, quoted} from './deploy.findings.ts'

export const appDeploy: CheckOf<Code> = {
  id: 'app/deploy',
  title: 'The application is set up for visitors, not for developers',
  explanation,
  findings: found,
  needs: [servicePackage],
  facts: deployFacts,
  async run({host, target}) {
    const shown = await showsDebug(host, target)
    const {answer} = target.django
    // What stands for a missing variable may have decided any setting.
    const messages = answer && answer.missing.length === 0 ? answer.deploy : null
    if (messages === null && shown === null) {
      answerOf(target, 'whether DEBUG is on')
      throw new NotStated('whether DEBUG is on is not known: the settings lack a variable')
    }
    const debug = shown ?? messages?.some(({id}) => id === 'security.W018') ?? false
    const seen = shown ? `${nowhere} is answered with "DEBUG = True"` : 'security.W018'
    const others = (messages ?? []).filter(message => concerns(target, message))
    const cookies = await cookiesLost(host, target)
    const bad = [
      ...(debug ? [debugOn(target, seen)] : []),
      ...others.map(message => quoted(target, message)),
      ...(cookies ? [cookies] : []),
    ]
    return bad.length > 0
      ? bad
      : ok('DEBUG is off, and Django finds nothing else that would harm visitors')
  },
}

/** A fault, whatever stands in front of the application: an error, W009 or W020. */
function concerns({settings, django}: Target, {id, level}: SystemCheck): boolean {
  const silenced = listSetting(django, 'SILENCED_SYSTEM_CHECKS') ?? []
  // Whoever has named the allowed hosts to us alone knows.
  if (silenced.includes(id) || (id === 'security.W020' && settings.hosts)) return false
  if (id === 'security.W009' && isStrong(django.answer?.secretKey ?? null)) return false
  return level >= 40 || id === 'security.W009' || id === 'security.W020'
}

/** Django wants 50 characters; 48 of base64, as packages make them, are 36 random bytes. */
function isStrong(key: DjangoAnswer['secretKey']): boolean {
  return key !== null && key.insecure === false && key.length >= 40 && (key.different ?? 0) >= 20
}
