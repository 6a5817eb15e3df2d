import {type DjangoAnswer, shownPlace, sourceOf} from '../../facts/django/django.ts'
import {misspeltAs, variablesOf} from '../../facts/django/misspellings.ts'
import {whereVariable} from '../../facts/django/variables.ts'
import type {Target} from '../../facts/target/target.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart, restated} from '../../remedies/service.ts'
import {secretMeans} from '../../remedies/variable-means.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {type Code, found, rename} from './keys.findings.ts'

/** The settings stop at a name: it is not set, misspelt, or set and empty. */
export function lacking(
  target: Target,
  {name, place}: DjangoAnswer['missing'][number],
): Verdict<Code> {
  const {secretsFiles, workingDirectory} = target
  const {files: read = [], absent = []} = target.django.answer ?? {}
  const files = [...secretsFiles.map(({path}) => path), ...read]
  const [file] = files
  const evidence = place ? [`${shownPlace(place)} reads ${name}`] : []
  const wrong = misspeltAs(target, name)
  if (wrong !== undefined) {
    const where = file === undefined ? '' : ` in ${file}`
    return finding(found.misspelt(wrong, name, where), rename(target, {wrong, name}), {evidence})
  }
  const cure = mend(`Add ${name} to the secrets`, secretMeans(target, name), {
    after: [restart(target)],
  })
  const isEmpty = variablesOf(target).has(name)
  const last = secretsFiles.findLast(each => each.variables?.has(name))?.path
  if (isEmpty && last !== undefined && last !== file)
    return finding(found.empty(name, overridden(last)), cure, {evidence})
  const places = [...files, ...absent.map(path => `${path}, which does not exist,`)]
  const where =
    places.length > 0
      ? `: neither the unit nor ${places.join(' nor ')} has ${isEmpty ? 'a value for it' : 'it'}`
      : ' in the unit'
  const reader = place ? ` (${shownPlace(place, workingDirectory)} reads it)` : ''
  return finding(found[isEmpty ? 'empty' : 'missing'](name, `${where}${reader}`), cure, {evidence})
}

/** Django starts without a SECRET_KEY and fails at whatever it signs; null where it has one. */
export function emptyKey(target: Target): Verdict<Code> | null {
  const {django, secretsFiles, unit, workingDirectory} = target
  if (!django.answer?.secretKey?.empty || django.answer.missing.length > 0) return null
  const stated = whereVariable(target, 'SECRET_KEY')
  const name = stated?.variable ?? 'SECRET_KEY'
  const wrong = misspeltAs(target, name)
  if (wrong !== undefined)
    return finding(found.misspelt(wrong, name), rename(target, {wrong, name}))
  const means = stated ? restated(target, stated) : secretMeans(target, name)
  const cure = mend(`Give ${name} a value`, means, {after: [restart(target)]})
  const details = {evidence: ['The SECRET_KEY setting must not be empty.']}
  if (!variablesOf(target).has(name)) {
    const place = sourceOf(django, 'SECRET_KEY', workingDirectory)
    return finding(
      found.missing(name, `, and SECRET_KEY is empty without it (${place})`),
      cure,
      details,
    )
  }
  const [last, ...others] = secretsFiles.filter(({variables}) => variables?.has(name)).reverse()
  const why =
    last && others.length > 0
      ? overridden(last.path)
      : `: ${stated?.file ?? unit.name} has no value for it`
  return finding(found.empty(name, why), cure, details)
}

function overridden(last: string): string {
  return `: ${last}, which is read last, has no value for it`
}
