import {listSetting} from '../../facts/django/django.ts'
import {findSuperusers, schemaOutOfPath} from '../../facts/django/superusers.ts'
import type {Target} from '../../facts/target/target.ts'
import {remedy} from '../../remedies/remedy.ts'
import {manage} from '../../remedies/service.ts'
import {type CodeOf, cause, finding, findingsOf, ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {databaseExists} from '../database/exists.ts'
import {databaseMigrations} from '../database/migrations.ts'
import {explanation} from './superuser.explanation.ts'
import {superuserFacts} from './superuser.facts.ts'

/** `tables` are those of the accounts. */
const found = findingsOf(explanation, {
  none: cause('warning', (tables: string, elsewhere: string | null) => {
    const has = 'has one of that name as well: see where search_path leads'
    const other = elsewhere === null ? '' : `, and schema ${elsewhere} ${has}`
    return `no account in ${tables} is a superuser${other}`
  }),
  unusable: cause('warning', (tables: string, active: number) =>
    active === 1
      ? `the only active superuser in ${tables} has no usable password`
      : `none of the ${active} active superusers in ${tables} has a usable password`,
  ),
  'not-staff': cause(
    'warning',
    (tables: string) =>
      `no active superuser in ${tables} is staff (is_staff), and /admin/ lets in only staff`,
  ),
  inactive: cause(
    'warning',
    (tables: string, all: number) => `none of the ${all} superusers in ${tables} is active`,
  ),
})

export const appSuperuser: CheckOf<CodeOf<typeof found>> = {
  id: 'app/superuser',
  title: 'An active superuser exists',
  explanation,
  findings: found,
  needs: [databaseExists, databaseMigrations],
  facts: superuserFacts,
  async run({host, target, resultOf}) {
    const open = await resultOf(databaseExists)
    if (!open) return ok('the service uses no PostgreSQL')
    const {database, mayConnect} = open
    if (!mayConnect) return ok('the accounts cannot be read: see database/privileges')
    const apps = target.django.answer?.apps
    if (apps && !apps.some(({name}) => /(?:^|\.)admin$/.test(name)))
      return ok('the application has no admin site, so it needs no superuser')
    const superusers = await findSuperusers(host, target, database)
    if (!superusers) return ok('the application has no table of accounts with the usual columns')
    const {all, active, usable, staff} = superusers
    const tables = superusers.tables.join(', ')
    const summary = 'Create a superuser in the environment of the service'
    const create = remedy(summary, 'manual', [manage(target, 'createsuperuser')])
    if (active > 0 && usable === 0 && onlyPasswords(target))
      return finding(found.unusable(tables, active), create)
    if (active > 0 && staff === 0) return finding(found['not-staff'](tables), create)
    if (active > 0)
      return ok(`${active} active ${active === 1 ? 'superuser' : 'superusers'} in ${tables}`)
    if (all > 0) return finding(found.inactive(tables, all), create)
    const elsewhere = await schemaOutOfPath(host, target, database, superusers.tables)
    // A new cluster has no accounts (empty-cluster); nothing else that fails below takes them away
    // (compressed-copy-stale with superuser-missing).
    return finding(found.none(tables, elsewhere), create, {because: ['database/cluster']})
  },
}

/** Whether Django's own backend is the only way to log in; false where that is not known. */
function onlyPasswords({django}: Target): boolean {
  const backends = listSetting(django, 'AUTHENTICATION_BACKENDS')
  return backends?.every(name => name === 'django.contrib.auth.backends.ModelBackend') ?? false
}
