import type {Secrets} from '../secrets.ts'
import {keyInAddress, passwordForms, passwordOf} from './addresses.ts'
import {isHarmless, isPlace, isPublicName, speaksOf} from './names.ts'

/**
 * Where an assignment stands. `secret`: whatever is there is one. `file`: what is neither known to
 * be public nor a place. `environment`: nor an ordinary word.
 */
export type Whereabouts = 'secret' | 'file' | 'environment'

/** Registers what is secret in an assignment: the value itself is for the caller to use. */
export function addAssignment(
  secrets: Secrets,
  name: string,
  value: string,
  where: Whereabouts,
): void {
  const password = passwordOf(value)
  for (const key of keyInAddress(value)) secrets.add(key)
  if (password !== null) {
    for (const form of passwordForms(password)) secrets.add(form)
    if (/[/?#]/.test(password)) secrets.add(value)
  } else if (where === 'secret' || speaksOf(name) === 'surely') secrets.add(value)
  else if (isPublicName(name)) secrets.addPublic(value)
  else if (!(where === 'file' ? isPlace : isHarmless)(value)) secrets.add(value)
}

/** The value of an assignment as a recording may hold it: a URL keeps its shape. */
export function veiled(secrets: Secrets, value: string): string {
  const password = passwordOf(value)
  if (password === null || /[/?#]/.test(password)) return secrets.placeholder(value)
  const at = value.indexOf(`:${password}@`) + 1
  return `${value.slice(0, at)}${secrets.placeholder(password)}${value.slice(at + password.length)}`
}
