import {listSetting} from '../../facts/django/django.ts'
import {askDatabase, identifier, literal} from '../../facts/postgres/postgres.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import {databaseOf, type Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {remedy} from '../../remedies/remedy.ts'
import {manage} from '../../remedies/service.ts'
import {ok, type Remedy, warning} from '../../report/finding.ts'
import type {Check} from '../check.ts'
import {databaseMigrations} from '../database/migrations.ts'

/** A project may have a user model of its own: its table is known by the columns of AbstractUser and PermissionsMixin. */
const tablesQuestion = `select c.relname as name, exists (select from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
    and a.attname = 'is_staff') as "hasStaff" from pg_class c
  where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and (
    select count(*) from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
      and a.attname in ('password', 'last_login', 'is_superuser', 'is_active')) = 4
  order by c.relname`

export const appSuperuser: Check = {
  id: 'app/superuser',
  title: 'Somebody may administer the application',
  explanation: {
    why: 'Without an active superuser nobody can enter /admin/, and nobody notices until it is needed.',
    asks: `Over the service's own connection: the table that has the columns password, last_login, is_superuser and is_active,
whatever the project calls it, and how many of its rows are superusers, active, staff, and have a password that can be used. No name,
no address and no password is read.`,
    findings: {
      none: {
        means: `No account is a superuser. In a new database that is the first thing to do; in an old one, look for the data: another
schema that has the table is named.`,
        remedy: 'Make one (manage.py createsuperuser, in the environment of the service).',
      },
      unusable: {
        means: `No active superuser has a password (Django's set_unusable_password), and the settings name no other way to log in.`,
        remedy: 'Give one of them a password (manage.py changepassword), or make another.',
      },
      'not-staff': {
        means: 'There are active superusers, and none of them is staff: /admin/ lets in only who is (is_staff).',
        remedy: 'Make one of them staff in the shell of manage.py, or make another.',
      },
      inactive: {
        means: 'There are superusers, and none of them is active: none may log in.',
        remedy: 'Activate one in the shell of manage.py, or make another.',
      },
    },
    mistakenFor: `An application without an admin site (django.contrib.admin, wagtail.admin) needs no superuser. A user model of its own has its accounts in another table than auth_user. Where AUTHENTICATION_BACKENDS names another
way to log in, superusers need no password.`,
  },
  needs: [databaseMigrations],
  explainedBy: ['database/cluster'],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    const apps = target.django.answer?.apps
    if (apps && !apps.some(({name}) => /(?:^|\.)admin$/.test(name)))
      return ok('the application has no admin site, which is what a superuser would be needed for')
    const tables = await askDatabase(host, target, database, tablesQuestion)
    if (tables === 'denied' || tables.length === 0) return ok('the application keeps no accounts of the usual kind')
    const accounts = tables
      .map(
        ({name, hasStaff}) =>
          `select is_superuser, is_active, password like '!%' as unusable, ${hasStaff ? 'is_staff' : 'true'} as staff from ${identifier(String(name))}`,
      )
      .join(' union all ')
    const rows = await askDatabase(
      host,
      target,
      database,
      `select count(*)::int as "all", count(*) filter (where is_active)::int as active, count(*) filter (where is_active and unusable is not true)::int as usable, count(*) filter (where is_active and staff)::int as staff from (${accounts}) as accounts where is_superuser`,
    )
    if (rows === 'denied') throw new CannotLook('the accounts may not be read')
    const [row] = rows
    const active = Number(row?.active)
    const all = Number(row?.all)
    const cure = createSuperuser(target)
    const names = tables.map(({name}) => name).join(', ')
    if (active > 0 && Number(row?.usable) === 0 && onlyPasswords(target)) {
      const who =
        active === 1
          ? `the only active superuser in ${names} has`
          : `none of the ${active} active superusers in ${names} has`
      return warning('unusable', `${who}${active === 1 ? ' no' : ' a'} usable password`, cure)
    }
    if (active > 0 && Number(row?.staff) === 0)
      return warning('not-staff', `no active superuser in ${names} is staff (is_staff), which /admin/ asks for`, cure)
    if (active > 0) return ok(`${active} active ${active === 1 ? 'superuser' : 'superusers'} in ${names}`)
    if (all > 0) return warning('inactive', `none of the ${all} superusers in ${names} is active`, cure)
    const elsewhere = await schemasWith(host, target, database, tables)
    const other =
      elsewhere === null ? '' : `, and schema ${elsewhere} has one of that name as well: see where search_path leads`
    return warning('none', `no account in ${names} is a superuser${other}`, cure)
  },
}

/** A schema in which search_path does not look and which has such a table: the accounts may be there. */
async function schemasWith(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  tables: readonly Readonly<Record<string, unknown>>[],
): Promise<string | null> {
  const names = tables.map(({name}) => literal(String(name))).join(', ')
  const rows = await askDatabase(
    host,
    target,
    database,
    `select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relname in (${names}) and c.relkind in ('r', 'p') and not pg_table_is_visible(c.oid) order by 1 limit 1`,
  )
  return rows === 'denied' || !rows[0] ? null : String(rows[0].schema)
}

/** Whether Django's own backend is the only way to log in; false where that is not known. */
function onlyPasswords({django}: Target): boolean {
  const backends = listSetting(django, 'AUTHENTICATION_BACKENDS')
  return backends?.every(name => name === 'django.contrib.auth.backends.ModelBackend') ?? false
}

function createSuperuser(target: Target): Remedy {
  return remedy('Make a superuser in the environment of the service', 'manual', [manage(target, 'createsuperuser')])
}
