import type {Target} from '../target/target.ts'
import type {Stated} from './stated.ts'

/**
 * The variable that a setting is taken from: one of its name that the settings look for, with or
 * without a prefix (DJANGO_SECRET_KEY for SECRET_KEY). Null where they look for none, so that the
 * setting is written out.
 */
export function whereVariable(
  {django, sources, environment}: Target,
  setting: string,
): Stated | null {
  const looked = django.answer?.read ?? [...environment.keys()]
  const ofThisName = (name: string): boolean => name === setting || name.endsWith(`_${setting}`)
  const names = looked.filter(ofThisName).sort((a, b) => a.length - b.length)
  for (const {file, variables} of sources) {
    const name = names.find(each => variables.has(each)) ?? [...variables.keys()].find(ofThisName)
    // Of the unit's own variables only what is read counts; of a file that the settings read,
    // everything is.
    if (
      name !== undefined &&
      (names.includes(name) || isOfApplication(django.answer?.files ?? [], file))
    ) {
      return {variable: name, file}
    }
  }
  const [name] = names
  return name === undefined
    ? null
    : {variable: name, file: sources.findLast(each => each.file !== null)?.file ?? null}
}

/**
 * Where the names in ALLOWED_HOSTS stand, whatever the variable is called: the one that holds just
 * them. Null where the settings write them out, or nobody tells.
 */
export function whereHosts(target: Target): Stated | null {
  const {django, sources, server, hosts} = target
  const named = whereVariable(target, 'ALLOWED_HOSTS')
  if (named) return named
  const all = [...sources, {file: server.config, variables: server.environment}]
  for (const {file, variables} of all) {
    for (const [name, value] of variables) {
      if (!django.answer?.read.includes(name) && !isOfApplication(django.answer?.files ?? [], file))
        continue
      const words = value.split(/[\s,;]+/).filter(word => word !== '')
      if (words.length > 0 && words.join() === hosts.join()) return {variable: name, file}
    }
  }
  return null
}

function isOfApplication(files: readonly string[], file: string | null): boolean {
  return file !== null && files.includes(file)
}
