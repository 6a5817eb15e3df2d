import {type SystemCheck, sourceOf} from '../../facts/django/django.ts'
import {whereVariable} from '../../facts/django/variables.ts'
import type {Target} from '../../facts/target/target.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {
  type CodeOf,
  cause,
  type Finding,
  finding,
  findingsOf,
  symptom,
} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import {explanation} from './deploy.explanation.ts'

/** `where` is the place of a setting, in brackets after a space; empty where nobody knows it. */
export const found = findingsOf(explanation, {
  debug: cause(
    'warning',
    (where: string) => `DEBUG is on${where}: errors show visitors the settings and the source`,
  ),
  'secret-key': symptom('warning', (said: string, where: string) => `${said}${where}`),
  'allowed-hosts': symptom(
    'warning',
    (where: string) => `ALLOWED_HOSTS is empty: without DEBUG every request is refused${where}`,
  ),
  'secure-cookies': cause(
    'warning',
    (settings: readonly string[], front: string, names: string) => {
      const are = settings.length === 1 ? 'is' : 'are'
      const so = 'browsers do not send such a cookie back, so nobody can log in'
      const serves = `${front} serves ${names} over plain http alone`
      return `${settings.join(' and ')} ${are} on, and ${serves}: ${so}`
    },
  ),
  'deploy-check': cause('warning', (id: string, said: string) => `${id}: ${said}`),
})

export type Code = CodeOf<typeof found>

/** @param evidence what shows it. */
export function debugOn(target: Target, evidence: string): Finding<'warning', Code> {
  const {django, workingDirectory, environment} = target
  const variable = whereVariable(target, 'DEBUG')?.variable
  const value = variable ? environment.get(variable) : undefined
  const place = django.answer ? ` (${sourceOf(django, 'DEBUG', workingDirectory)})` : ''
  const where = value === undefined ? place : ` (${variable}=${value} in the unit)`
  const cure = mend('Turn DEBUG off', settingMeans(target, 'DEBUG', 'false'), {
    after: [restart(target)],
  })
  return finding(found.debug(where), cure, {evidence: [evidence]})
}

/** A message of check --deploy in Django's own words, with the place where the setting is made. */
export function quoted(target: Target, {id, message, hint}: SystemCheck): Finding<'warning', Code> {
  const {platform, django, workingDirectory} = target
  const setting = /^(?:Your )?([A-Z][A-Z_]{3,})\b/.exec(message)?.[1] ?? null
  const source = setting === null ? [] : [sourceOf(django, setting)]
  const evidence = [id, ...(hint === '' ? [] : [`HINT: ${hint}`]), ...source]
  const isPlaced = setting !== null && django.answer?.places[setting]
  const where = isPlaced ? ` (${sourceOf(django, setting, workingDirectory)})` : ''
  const said = firstSentence(message)
  const after = [restart(target)]
  if (id === 'security.W009') {
    const make = hand("python3 -c 'import secrets; print(secrets.token_urlsafe(50))'")
    const means = settingMeans(target, 'SECRET_KEY')
    const cure = mend('Give SECRET_KEY a new random value', means, {first: [make], after})
    return finding(found['secret-key'](said, where), cure, {evidence})
  }
  if (id === 'security.W020') {
    const cure = mend('Name the hosts', settingMeans(target, 'ALLOWED_HOSTS', null), {after})
    return finding(found['allowed-hosts'](where), cure, {evidence})
  }
  return finding(
    found['deploy-check'](id, said),
    mend('Correct what Django says', platform.code(target)),
    {evidence},
  )
}

function firstSentence(text: string): string {
  const end = /[.](?:\s|$)/.exec(text)?.index
  return text.slice(0, end ?? text.length).replace(/\s+/g, ' ')
}
