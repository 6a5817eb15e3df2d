import {expect, test} from 'vitest'
import {databaseExists} from '../../../src/checks/database/exists.ts'
import {machine, recorded, verdicts} from '../../machine.ts'

const login = 'prism@localhost:5432/prism with password: anything'

/** As PostgreSQL 17 said it of a database whose locale was gone. */
const refusal = {
  kind: 'error',
  sqlstate: 'XX000',
  severity: 'FATAL',
  message: 'database locale is incompatible with operating system',
  detail:
    'The database was initialized with LC_COLLATE "de_XX.UTF-8",  which is not recognized by setlocale().',
  hint: 'Recreate the database with another locale or install the missing locale.',
}

test('a database whose locale the system lacks', async () => {
  expect(recorded('healthy', 'query', login)).toMatchObject({kind: 'rows'})
  const [finding] = await verdicts(databaseExists, machine('healthy', {query: {[login]: refusal}}))
  expect(finding).toMatchObject({status: 'critical', code: 'no-locale', kind: 'cause'})
  expect(finding?.message).toBe(
    'database "prism" sorts by the locale de_XX.UTF-8, which this system does not have',
  )
  expect(finding?.remedy?.nix).toBe('i18n.extraLocales = [ "de_XX.UTF-8/UTF-8" ];')
})

test('what says nothing of a locale could not be looked at', async () => {
  const other = {...refusal, message: 'out of patience', detail: null}
  await expect(
    verdicts(databaseExists, machine('healthy', {query: {[login]: other}})),
  ).rejects.toThrow('could not open database "prism": out of patience')
})
