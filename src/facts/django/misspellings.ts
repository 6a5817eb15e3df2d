import {distance} from '../../report/nearest.ts'
import type {Target} from '../target/target.ts'
import type {DjangoAnswer} from './django.ts'

/** What has been written in place of a name that the settings read, on midship and elsewhere. */
const misspellings: Readonly<Record<string, string>> = {
  POSTGRES_USERNAME: 'POSTGRES_USER',
  POSTGRES_PASS: 'POSTGRES_PASSWORD',
  POSTGRES_DATABASE: 'POSTGRES_DB',
  DJANGO_SECRET_KEY: 'SECRET_KEY',
  SECRETKEY: 'SECRET_KEY',
  EMAIL_PASSWORD: 'EMAIL_HOST_PASSWORD',
  EMAIL_USER: 'EMAIL_HOST_USER',
}

/** Variables of the unit and of the files that the settings read, by name. */
export function variablesOf({sources, environment}: Target): ReadonlyMap<string, string> {
  return new Map([...sources.toReversed().flatMap(({variables}) => [...variables]), ...environment])
}

/**
 * A variable that is set, that nobody reads, and whose name is often written in place of this one,
 * or nearly it.
 */
export function misspeltAs(target: Target, name: string): string | undefined {
  const {answer} = target.django
  const unread = [...variablesOf(target).keys()].filter(
    each => answer && !answer.read.includes(each),
  )
  return (
    unread.find(each => misspellings[each] === name) ?? unread.find(each => isNearly(each, name))
  )
}

/** The same words in another order, or with one letter wrong or two swapped. */
function isNearly(one: string, other: string): boolean {
  const words = (text: string): string =>
    text.toUpperCase().split('_').filter(Boolean).sort().join('_')
  if (words(one) === words(other)) return true
  return one.length > 5 && distance(one.toUpperCase(), other.toUpperCase()) === 1
}

/** A variable that nobody reads, and the one that was meant, which is not set and has a default. */
export interface UnreadName {
  readonly wrong: string
  readonly name: string
}

export function unreadNames(
  {environment}: Target,
  {read, unset, missing}: DjangoAnswer,
): readonly UnreadName[] {
  return Object.entries(misspellings)
    .map(([wrong, name]) => ({wrong, name}))
    .filter(
      ({wrong, name}) => environment.has(wrong) && !read.includes(wrong) && unset.includes(name),
    )
    .filter(({name}) => !missing.some(each => each.name === name))
}
