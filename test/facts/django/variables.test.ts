import {expect, test} from 'vitest'
import {whereVariable} from '../../../src/facts/django/variables.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import type {Target} from '../../../src/facts/target/target.ts'
import {askedSettings, cannotLook, type DjangoEdit, type Edits, machine} from '../../machine.ts'

const secretsFile = '/run/secrets/prism-env'
const dotenv = '/srv/app/.env'

async function target(django: DjangoEdit, edits: Edits = {}): Promise<Target> {
  return findTarget(machine('healthy', {...edits, django}), {unit: 'prism-django.service'})
}

/** The settings look for these alone. */
const reading =
  (...names: readonly string[]): DjangoEdit =>
  said => ({...said, read: names})

test('a setting comes from the variable of its name, with or without a prefix', async () => {
  expect(whereVariable(await target({}), 'SECRET_KEY')).toEqual({
    variable: 'SECRET_KEY',
    file: secretsFile,
  })
  expect(whereVariable(await target({}), 'DEBUG')).toEqual({variable: 'DEBUG', file: null})
  const prefixed = await target(reading('DJANGO_STATIC_ROOT'))
  // It is set nowhere: the secrets file is where the others stand.
  expect(whereVariable(prefixed, 'STATIC_ROOT')).toEqual({
    variable: 'DJANGO_STATIC_ROOT',
    file: secretsFile,
  })
  // The shortest name is the nearest.
  const two = await target(reading('LAMPS_STATIC_ROOT', 'STATIC_ROOT'))
  expect(whereVariable(two, 'STATIC_ROOT')?.variable).toBe('STATIC_ROOT')
})

test('a setting for which the settings look in no variable is written out', async () => {
  expect(whereVariable(await target(reading('DEBUG')), 'STATIC_ROOT')).toBeNull()
  // "ROOT" ends in it, and is another word.
  expect(whereVariable(await target(reading('XSTATIC_ROOT')), 'STATIC_ROOT')).toBeNull()
})

test('a variable of the unit that nobody reads is not the one', async () => {
  const show = {'prism-django.service': {Environment: 'STATIC_ROOT=/srv/x'}}
  expect(whereVariable(await target(reading('DEBUG'), {show}), 'STATIC_ROOT')).toBeNull()
})

test('a file that the settings themselves read may hold it under a name that is not looked up in the environment', async () => {
  const readFile = {[dotenv]: {kind: 'file', text: 'DJANGO_STATIC_ROOT=/srv/x\n', utf8: true}}
  const read: DjangoEdit = said => ({...said, read: ['DEBUG'], files: [dotenv]})
  expect(whereVariable(await target(read, {readFile}), 'STATIC_ROOT')).toEqual({
    variable: 'DJANGO_STATIC_ROOT',
    file: dotenv,
  })
  // Read by nobody.
  expect(whereVariable(await target(reading('DEBUG'), {readFile}), 'STATIC_ROOT')).toBeNull()
})

test('where Django could not be asked, the variables of a new process are looked for', async () => {
  const asUnit = {[askedSettings]: cannotLook('only root', true)}
  const unasked = await findTarget(machine('healthy', {asUnit}), {unit: 'prism-django.service'})
  expect(whereVariable(unasked, 'STATIC_ROOT')).toEqual({variable: 'STATIC_ROOT', file: null})
  expect(whereVariable(unasked, 'LOGIN_URL')).toBeNull()
})
