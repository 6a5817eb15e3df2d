import {type Fault, fault} from '../../container/fault.ts'

const own = '$state/.pgpass'
const elsewhere = '/etc/prism/pgpass'
const line = 'localhost:5432:prism:prism'

const named = `
  chmod 0755 /etc/prism
  add_to_unit Environment=PGPASSFILE=${elsewhere}`

/** Settings that name a service of pg_service.conf, as Django's documentation has it. */
const withService = `
  name_service() {
    cat >> prism/settings.py <<'END'
DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'OPTIONS': {'service': 'prism'}}}
END
  }
  edit_package name_service
  password=$(sed -n 's/^POSTGRES_PASSWORD=//p' /run/secrets/prism-env)
  edit_secrets '/^POSTGRES_PASSWORD=/d'`

const definition = `printf '%s\\n' '[prism]' host=localhost dbname=prism user=prism`

const works =
  'answers 200 http://prism.midship.local/accounts/login/ && answers 200 http://prism.midship.local/'
const well = (name: string, title: string, inject: string) =>
  fault(`healthy-${name}`, title, {
    inject: `${inject}\n restart_app`,
    broken: works,
    expect: {exit: 0, rootCauses: []},
  })

/** The password stands where only libpq looks. */
export const passwordElsewhere: readonly Fault[] = [
  well(
    'pgpass',
    "The password stands in the service's own ~/.pgpass alone",
    `keep_password_in ${own} ${line}`,
  ),
  well(
    'pgpass-named',
    'PGPASSFILE names the password file, whose line is for every host and database',
    `
      keep_password_in ${elsewhere} '*:*:*:prism'
      ${named}`,
  ),
  well(
    'pgpass-option',
    'The settings name the password file, below the directory where the service starts',
    `
      keep_password_in $state/passwords ${line}
      name_passfile() { echo "DATABASES['default']['OPTIONS'] = {'passfile': '../../../../..$state/passwords'}" >> prism/settings.py; }
      edit_package name_passfile`,
  ),
  well(
    'pgpass-stray',
    'A password file lies open to others, and nobody needs it',
    `
      echo ${line}:of-yesterday > ${own}
      chown prism:prism ${own}
      chmod 0644 ${own}`,
  ),
  well(
    'pgpass-by-peer',
    'PostgreSQL asks for no password, and the password file of others has none',
    `
      keep_password_in ${own} db.example:5432:prism:prism
      sql 'ALTER ROLE prism PASSWORD NULL'
      edit_unit s,POSTGRES_HOST=.*,POSTGRES_HOST=/run/postgresql,`,
  ),
  well(
    'pg-service',
    'The settings name a service, which says all',
    `
      ${withService}
      (umask 077; { ${definition}; echo "password=$password"; } > $state/.pg_service.conf)
      chown prism:prism $state/.pg_service.conf`,
  ),
  well(
    'pg-service-pgpass',
    'The settings name a service of the machine, and the password stands in ~/.pgpass',
    `
      ${withService}
      ${definition} > /etc/postgresql-common/pg_service.conf
      (umask 077; echo "${line}:$password" > ${own})
      chown prism:prism ${own}`,
  ),
]

const lost = (name: string, title: string, inject: string, message: RegExp) =>
  fault(name, title, {
    inject: `${inject}\n crash_app`,
    broken: 'waits_for_retry && logged "no password supplied"',
    expect: {exit: 2, rootCauses: ['secrets/keys'], message},
  })

/** A password file that libpq does not take. */
export const passwordLost: readonly Fault[] = [
  lost(
    'pgpass-open',
    'The password file can be read by others, so that libpq ignores it',
    `
      keep_password_in ${own} ${line}
      chmod 0644 ${own}`,
    /libpq ignores the password file \/var\/lib\/prism-django\/\.pgpass.*0644/,
  ),
  lost(
    'pgpass-of-root',
    'The password file belongs to root',
    `
      keep_password_in ${elsewhere} ${line}
      chown root:root ${elsewhere}
      ${named}`,
    /prism may not read the password file \/etc\/prism\/pgpass \(mode 0600\)/,
  ),
  lost(
    'pgpass-other-user',
    'The password file is for another role',
    `keep_password_in ${own} localhost:5432:prism:web`,
    /no line for localhost:5432:prism:prism: line 2 is for another user/,
  ),
  lost(
    'pgpass-other-host',
    'The password file names the address in place of the host',
    `keep_password_in ${own} 127.0.0.1:5432:prism:prism`,
    /line 2 is for another host/,
  ),
  lost(
    'pgpass-gone',
    'PGPASSFILE names a file that does not exist',
    `
      keep_password_in ${elsewhere} ${line}
      ${named}
      rm ${elsewhere}`,
    /the password file \/etc\/prism\/pgpass does not exist/,
  ),
  lost(
    'pgpass-hidden',
    'ProtectHome= hides the password file',
    `
      keep_password_in /home/prism/.pgpass ${line}
      chown prism:prism /home/prism
      add_to_unit Environment=PGPASSFILE=/home/prism/.pgpass`,
    /ProtectHome=.* hides the password file \/home\/prism\/\.pgpass/,
  ),
  fault('pgpass-wrong-password', 'The password file has another password than the role', {
    inject: `
      keep_password_in ${own} ${line}
      sed -i '2s/$/x/' ${own}
      crash_app`,
    broken: 'waits_for_retry && logged "password authentication failed"',
    expect: {
      exit: 2,
      rootCauses: ['database/login'],
      message: /different password than line 2 of \/var\/lib\/prism-django\/\.pgpass/,
    },
  }),
  fault('pg-service-undefined', 'pg_service.conf lacks the service that the settings name', {
    inject: `
      ${withService}
      ${definition} | sed s/prism/prisma/ > $state/.pg_service.conf
      chown prism:prism $state/.pg_service.conf
      crash_app`,
    broken: 'waits_for_retry && logged "definition of service"',
    expect: {
      exit: 2,
      rootCauses: ['database/server'],
      message: /definition of service "prism" not found/,
    },
  }),
]
