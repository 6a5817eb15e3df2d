import {type Fault, fault} from '../../container/fault.ts'

/** A migration with these operations, for a file of the package on stdin. */
const migration = (operations: string, imports = ''): string => `<<'EOF'
from django.db import migrations, models
${imports}

class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0004_beacon_enabled')]
    operations = [${operations}]
EOF`

/** The database with all that it holds, in another encoding. */
const encoded = (encoding: string): string => `
      systemctl stop $unit
      as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups env -C / "$@"; }
      sql "CREATE DATABASE other OWNER prism ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0"
      as_postgres pg_dump prism | as_postgres psql -Xq -d other >/dev/null
      sql 'ALTER DATABASE prism RENAME TO before'
      sql 'ALTER DATABASE other RENAME TO prism'`

const refused = 'waits_for_retry && logged "Connection refused"'

/** PostgreSQL, from the server down to a table. */
export const database: readonly Fault[] = [
  fault(
    'postgres-down-at-boot',
    'PostgreSQL does not accept its configuration, and the application waits for it',
    {
      inject: `
      edit_postgres postgresql.conf '$ a shared_preload_libraries = nosuch'
      ! systemctl restart postgresql.service
      ! systemctl start $unit`,
      broken: 'is ActiveState failed postgresql.service && is ActiveState inactive',
      expect: {exit: 2, rootCauses: ['database/server'], message: /5432|postgresql/},
    },
  ),
  fault('postgres-other-port', 'POSTGRES_PORT is not where PostgreSQL listens', {
    inject: 'edit_unit s/POSTGRES_PORT=.*/POSTGRES_PORT=5433/; crash_app',
    broken: refused,
    expect: {exit: 2, rootCauses: ['database/server'], message: /5433/},
  }),
  fault('postgres-host-unknown', 'POSTGRES_HOST names a machine that does not exist', {
    inject: 'edit_unit s/POSTGRES_HOST=.*/POSTGRES_HOST=database.invalid/; crash_app',
    broken: 'waits_for_retry && logged "could not translate host name"',
    expect: {exit: 2, rootCauses: ['database/server'], message: /database\.invalid/},
  }),
  fault('postgres-socket-elsewhere', 'POSTGRES_HOST is a directory in which there is no socket', {
    inject: 'edit_unit s,POSTGRES_HOST=.*,POSTGRES_HOST=/tmp,; crash_app',
    broken: 'waits_for_retry && logged "No such file or directory"',
    expect: {exit: 2, rootCauses: ['database/server'], message: /\/tmp/},
  }),
  fault('postgres-without-tcp', 'PostgreSQL listens on its socket alone', {
    inject: `edit_postgres postgresql.conf "s/^listen_addresses.*/listen_addresses = ''/"; systemctl restart postgresql.service; crash_app`,
    broken: refused,
    expect: {exit: 2, rootCauses: ['database/server'], message: /5432/},
  }),
  fault('postgres-hangs', 'PostgreSQL takes connections and does not answer', {
    inject: 'systemctl kill --signal=STOP postgresql.service',
    broken: '! timeout 2 bash -c "echo | psql -h localhost -U prism" && answers 000',
    expect: {exit: 2, rootCauses: ['database/server'], message: /5432/},
  }),
  fault('postgres-data-mode', 'Somebody opened the data directory: PostgreSQL refuses to start', {
    inject:
      'systemctl stop postgresql.service; chmod 0755 $data; ! systemctl start postgresql.service; ! systemctl start $unit',
    broken: 'logged "invalid permissions" postgresql.service && is ActiveState inactive',
    expect: {
      exit: 2,
      rootCauses: ['database/server'],
      message: /0755|invalid permissions|permission/,
    },
  }),
  fault(
    'postgres-socket-directory-missing',
    'The unit of PostgreSQL makes no directory for its socket',
    {
      inject: `
      edit_unit /^RuntimeDirectory=/d postgresql.service
      systemctl stop postgresql.service
      rm -rf /run/postgresql
      ! systemctl start postgresql.service
      ! systemctl start $unit`,
      broken: 'logged "could not create lock file" postgresql.service && is ActiveState inactive',
      expect: {
        exit: 2,
        rootCauses: ['database/server'],
        message: /\/run\/postgresql\/\.s\.PGSQL\.5432\.lock/,
      },
    },
  ),
  fault('private-network', 'PrivateNetwork=yes: PostgreSQL runs, but not where the service lives', {
    inject: 'add_to_unit PrivateNetwork=true; crash_app',
    broken: refused,
    expect: {exit: 2, rootCauses: ['database/server'], message: /PrivateNetwork|sandbox/i},
  }),
  fault('address-families', 'RestrictAddressFamilies= leaves the service no way to PostgreSQL', {
    inject: 'add_to_unit RestrictAddressFamilies=AF_UNIX; crash_app',
    broken: 'waits_for_retry && logged OperationalError',
    expect: {exit: 2, rootCauses: ['database/server'], message: /RestrictAddressFamilies|sandbox/i},
  }),
  fault('too-many-connections', 'The role has no connection left', {
    inject: "sql 'ALTER ROLE prism CONNECTION LIMIT 0'; crash_app",
    broken: 'waits_for_retry && logged "too many connections"',
    expect: {exit: 2, rootCauses: ['database/server'], message: /connections/},
  }),
  fault('hba-without-entry', 'pg_hba.conf has no line for the service', {
    inject: `edit_postgres pg_hba.conf '/^host/d'; systemctl restart postgresql.service; crash_app`,
    broken: 'waits_for_retry && logged "no pg_hba.conf entry"',
    expect: {exit: 2, rootCauses: ['database/login'], message: /pg_hba/},
  }),
  // ADL_LRS#306
  fault('hba-ident', 'pg_hba.conf asks an ident server, which nobody runs', {
    inject: `
      edit_postgres pg_hba.conf 's,^host.*127.*,host all all 127.0.0.1/32 ident,; s,^host.*::1.*,host all all ::1/128 ident,'
      systemctl restart postgresql.service
      crash_app`,
    broken: 'waits_for_retry && logged "Ident authentication failed"',
    expect: {
      exit: 2,
      rootCauses: ['database/login'],
      message:
        /line \d+ of \/nix\/store\/\S+pg_hba\.conf \(host all all (?:127\.0\.0\.1\/32|::1\/128) ident\) .*by ident alone/,
    },
  }),
  fault('hba-reject', 'A line of pg_hba.conf above that of the service rejects it', {
    inject: `
      edit_postgres pg_hba.conf '0,/^host/s,^host,host all +prism all reject\\nhost,'
      systemctl restart postgresql.service
      crash_app`,
    broken: 'waits_for_retry && logged "pg_hba.conf rejects connection"',
    expect: {
      exit: 2,
      rootCauses: ['database/login'],
      message: /line \d+ of \S+pg_hba\.conf \(host all \+prism all reject\) rejects role "prism"/,
    },
  }),
  fault('hba-not-read', 'pg_hba.conf was put right, and PostgreSQL was not reloaded', {
    inject: `
      good=$(sed -n "s/^hba_file = '\\(.*\\)'/\\1/p" $data/postgresql.conf)
      file=/etc/pg_hba.conf
      { grep ^local "$good"; echo 'host all all all reject'; } > $file
      edit_postgres postgresql.conf "s,^hba_file.*,hba_file = '$file',"
      systemctl restart postgresql.service
      sleep 1.1
      cp "$good" $file
      crash_app`,
    broken: 'waits_for_retry && logged "pg_hba.conf rejects connection"',
    expect: {exit: 2, rootCauses: ['database/login'], message: /has not read the file since/},
  }),
  fault('hba-error', 'PostgreSQL was reloaded with a line in pg_hba.conf that it cannot read', {
    inject: `
      good=$(sed -n "s/^hba_file = '\\(.*\\)'/\\1/p" $data/postgresql.conf)
      file=/etc/pg_hba.conf
      grep ^local "$good" > $file
      edit_postgres postgresql.conf "s,^hba_file.*,hba_file = '$file',"
      systemctl restart postgresql.service
      echo 'host all all samehost scram' >> $file
      sql 'SELECT pg_reload_conf()'
      crash_app`,
    broken: 'waits_for_retry && logged "no pg_hba.conf entry"',
    expect: {
      exit: 2,
      rootCauses: ['database/login'],
      message:
        /line \d+ of \/etc\/pg_hba\.conf is not valid.*invalid authentication method "scram"/,
    },
  }),
  fault('role-may-not-log-in', 'The role may not log in', {
    inject: "sql 'ALTER ROLE prism NOLOGIN'; crash_app",
    broken: 'waits_for_retry && logged "not permitted to log in"',
    expect: {exit: 2, rootCauses: ['database/login'], message: /log in|LOGIN/},
  }),
  fault(
    'password-expired',
    "The role's password has expired, which a client hears as a wrong one",
    {
      inject: `sql "ALTER ROLE prism VALID UNTIL '2020-01-01'"; crash_app`,
      broken: 'waits_for_retry && logged "password authentication failed"',
      expect: {exit: 2, rootCauses: ['database/login'], message: /expired|VALID UNTIL/},
    },
  ),
  fault('role-without-password', 'The role has no password: ensureUsers sets none', {
    inject: "sql 'ALTER ROLE prism PASSWORD NULL'; crash_app",
    broken: 'waits_for_retry && logged "password authentication failed"',
    expect: {exit: 2, rootCauses: ['database/login'], message: /password/},
  }),
  fault(
    'peer-of-another-user',
    'The socket asks for peer, and the service runs as another user than its role',
    {
      inject: `
      edit_unit s,POSTGRES_HOST=.*,POSTGRES_HOST=/run/postgresql,
      edit_secrets s/^POSTGRES_USER=.*/POSTGRES_USER=postgres/
      crash_app`,
      broken: 'waits_for_retry && logged "Peer authentication failed"',
      expect: {exit: 2, rootCauses: ['database/login'], message: /[Pp]eer/},
    },
  ),
  fault('database-closed', 'The database does not take connections', {
    inject: `sql 'ALTER DATABASE prism ALLOW_CONNECTIONS false'; crash_app`,
    broken: 'waits_for_retry && logged "not currently accepting connections"',
    expect: {exit: 2, rootCauses: ['database/exists'], message: /accept|ALLOW_CONNECTIONS/},
  }),
  fault('database-case', 'POSTGRES_DB is written with another case', {
    inject: 'edit_unit s/POSTGRES_DB=.*/POSTGRES_DB=Prism/; crash_app',
    broken: `waits_for_retry && logged 'database "Prism" does not exist'`,
    expect: {exit: 2, rootCauses: ['database/exists'], message: /Prism/},
  }),
  fault('connect-revoked', 'The role may not connect to the database', {
    inject: `
      sql 'ALTER DATABASE prism OWNER TO postgres'
      sql 'REVOKE CONNECT ON DATABASE prism FROM PUBLIC, prism'
      crash_app`,
    broken: 'waits_for_retry && logged "permission denied for database"',
    expect: {exit: 2, rootCauses: ['database/privileges'], message: /CONNECT/},
  }),
  fault('may-not-create', 'The role owns neither database nor schema, and a migration is pending', {
    inject: `
      sql 'ALTER DATABASE prism OWNER TO postgres'
      edit_package cp /dev/stdin lighthouse/migrations/0005_log.py <<'EOF'
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0004_beacon_enabled')]
    operations = [migrations.CreateModel('Log', [('id', models.BigAutoField(primary_key=True))])]
EOF
      crash_app`,
    broken: 'waits_for_retry && logged "permission denied for schema public"',
    expect: {exit: 2, rootCauses: ['database/privileges'], message: /public/},
  }),
  fault('table-of-another-role', 'A table belongs to another role: somebody migrated as postgres', {
    inject: "sql 'ALTER TABLE lighthouse_beacon OWNER TO postgres' prism",
    broken: 'answers 500',
    expect: {exit: 2, rootCauses: ['database/privileges'], message: /lighthouse_beacon/},
  }),
  fault('privileges-revoked', 'Somebody revoked what the role may do with its own tables', {
    inject: "sql 'REVOKE SELECT ON auth_user, django_session FROM prism' prism",
    broken: 'answers 500',
    expect: {exit: 2, rootCauses: ['database/privileges'], message: /auth_user/},
  }),
  fault('table-dropped', 'A table is gone, and the migration that made it is recorded', {
    inject: "sql 'DROP TABLE django_session' prism",
    broken:
      'answers 500 http://127.0.0.1:8000/admin/login/ || [ -z "$(sql "SELECT to_regclass(\'django_session\')" prism)" ]',
    expect: {exit: 2, rootCauses: ['database/migrations'], message: /django_session/},
  }),
  fault('migration-lost', 'The package lacks a migration that others depend on', {
    inject: 'edit_package rm lighthouse/migrations/0002_reading.py; crash_app',
    broken: 'waits_for_retry && logged "nonexistent parent node"',
    expect: {exit: 2, rootCauses: ['service/active'], message: /0002_reading/},
  }),
  fault('migration-pending', 'A new version has a migration that nobody applied', {
    inject: `
      edit_package cp /dev/stdin lighthouse/migrations/0005_note.py <<'EOF'
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0004_beacon_enabled')]
    operations = [migrations.AddField('beacon', 'note', models.TextField(default=''))]
EOF
      edit_package sed -i '/^class Reading/i \\    note = models.TextField(default="")\\n' lighthouse/models.py
      edit_pre_start '/migrat/d'
      restart_app`,
    broken: 'answers 500',
    expect: {exit: 2, rootCauses: ['database/migrations'], message: /0005_note/},
  }),
  fault(
    'database-ahead',
    'A rollback: the database has a migration that this package does not have',
    {
      inject: `
      sql "INSERT INTO django_migrations (app, name, applied) VALUES ('lighthouse', '0005_owner', now())" prism
      sql "ALTER TABLE lighthouse_beacon ADD owner text NOT NULL DEFAULT 'nobody'" prism
      restart_app`,
      broken: 'answers 200 && logged "No migrations to apply"',
      expect: {exit: 2, rootCauses: ['database/migrations'], message: /0005_owner/},
    },
  ),
  // netbox-community/netbox#1878
  fault('sequence-behind', 'A restore set the sequence of django_migrations back', {
    inject: `
      sql "SELECT setval('django_migrations_id_seq', 1, false)" prism
      edit_package cp /dev/stdin lighthouse/migrations/0005_log.py ${migration("migrations.CreateModel('Log', [('id', models.BigAutoField(primary_key=True))])")}
      crash_app`,
    broken: 'waits_for_retry && logged "duplicate key value violates unique constraint"',
    expect: {
      exit: 2,
      rootCauses: ['database/health'],
      message: /sequence public\.django_migrations_id_seq lies behind its table: it gives \d+ next/,
    },
  }),
  fault('sequences-behind', 'Rows came back from a copy, and their sequences did not', {
    inject: `sql "SELECT setval('auth_permission_id_seq', 1, false), setval('django_content_type_id_seq', 2)" prism`,
    broken: `! sql "INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b')" prism && answers 200`,
    expect: {
      exit: 2,
      rootCauses: ['database/health'],
      message: /2 sequences lie behind their tables.*auth_permission_id.*django_content_type_id/,
    },
  }),
  fault('database-encoding', 'The database was made as SQL_ASCII, and nothing has failed yet', {
    inject: `${encoded('SQL_ASCII')}
      systemctl start $unit`,
    broken: '[ "$(sql "SHOW server_encoding" prism)" = SQL_ASCII ] && answers 200',
    expect: {exit: 1, rootCauses: ['database/health'], message: /encoded as SQL_ASCII/},
  }),
  fault('encoding-refuses', 'The database was made as LATIN1, and a migration writes a snowman', {
    inject: `${encoded('LATIN1')}
      edit_package cp /dev/stdin lighthouse/migrations/0005_snow.py ${migration(`migrations.RunSQL("UPDATE lighthouse_beacon SET name = '\\u2603'")`)}
      crash_app`,
    broken: `waits_for_retry && logged 'has no equivalent in encoding "LATIN1"'`,
    expect: {exit: 2, rootCauses: ['database/health'], message: /encoded as LATIN1/},
  }),
  fault('extension-gone', 'PostgreSQL was installed anew without an extension that is in use', {
    inject: `
      sql 'CREATE EXTENSION pg_trgm' prism
      rm /usr/share/postgresql/*/extension/pg_trgm.control /usr/lib/postgresql/*/lib/pg_trgm.so
      edit_package cp /dev/stdin lighthouse/migrations/0005_alike.py ${migration(`migrations.RunSQL("SELECT similarity('a', 'b')")`)}
      crash_app`,
    broken: 'waits_for_retry && logged "could not access file"',
    expect: {exit: 2, rootCauses: ['database/health'], message: /uses pg_trgm, of which/},
  }),
  // pgvector/pgvector-python#39
  fault('extension-missing', 'A migration creates an extension that PostgreSQL does not have', {
    inject: `
      edit_package cp /dev/stdin lighthouse/migrations/0005_vector.py ${migration("CreateExtension('vector')", 'from django.contrib.postgres.operations import CreateExtension\n')}
      crash_app`,
    broken: 'waits_for_retry && logged "vector.control"',
    expect: {
      exit: 2,
      rootCauses: ['database/migrations'],
      message:
        /lighthouse\.0005_vector creates the extension vector, which PostgreSQL at localhost:5432 has no files of/,
    },
  }),
  fault('extension-refused', 'A migration creates an extension that a superuser alone may create', {
    inject: `
      edit_package cp /dev/stdin lighthouse/migrations/0005_stats.py ${migration("CreateExtension('pg_stat_statements')", 'from django.contrib.postgres.operations import CreateExtension\n')}
      crash_app`,
    broken: 'waits_for_retry && logged "permission denied to create extension"',
    expect: {
      exit: 2,
      rootCauses: ['database/migrations'],
      message:
        /lighthouse\.0005_stats creates the extension pg_stat_statements, which role "prism" may not/,
    },
  }),
  fault('history-inconsistent', 'The row of a migration that others depend on is gone', {
    inject: `sql "DELETE FROM django_migrations WHERE app = 'contenttypes' AND name = '0001_initial'" prism; crash_app`,
    broken: 'waits_for_retry && logged "is applied before its dependency"',
    expect: {
      exit: 2,
      rootCauses: ['database/migrations'],
      message: /not contenttypes\.0001_initial/,
    },
  }),
  fault(
    'tables-in-another-schema',
    'The tables lie in a schema in which search_path does not look',
    {
      inject: `
      edit_pre_start /migrat/d
      sql 'ALTER SCHEMA public RENAME TO prism2; CREATE SCHEMA public AUTHORIZATION prism' prism
      restart_app`,
      broken: 'answers 500 http://127.0.0.1:8000/admin/login/ || answers 500',
      expect: {exit: 2, rootCauses: ['database/migrations'], message: /schema prism2/},
    },
  ),
  fault(
    'migrations-table-gone',
    'The tables are there, and no record of the migrations that made them',
    {
      inject: "sql 'TRUNCATE django_migrations' prism; crash_app",
      broken: 'waits_for_retry && logged "already exists"',
      expect: {exit: 2, rootCauses: ['database/migrations'], message: /django_migrations/},
    },
  ),
  fault('database-read-only', 'The role writes nothing: default_transaction_read_only', {
    inject: "sql 'ALTER ROLE prism SET default_transaction_read_only = on'; crash_or_broken_app",
    broken: '[ "$(sql "SELECT count(*) FROM pg_db_role_setting")" = 1 ]',
    expect: {exit: 2, rootCauses: ['database/health'], message: /read.only/i},
  }),
  fault('statement-timeout', 'statement_timeout was set in seconds, and counts milliseconds', {
    inject: "sql 'ALTER ROLE prism SET statement_timeout = 1'; crash_app",
    broken: 'waits_for_retry && logged "statement timeout"',
    expect: {exit: 2, rootCauses: ['database/health'], message: /after 1 ms/},
  }),
  fault(
    'empty-cluster',
    'PostgreSQL was upgraded into a new, empty directory; the data lies in the old one',
    {
      inject: `
      systemctl stop postgresql.service
      new=/var/lib/postgresql/$(($(basename $data) + 1))
      install -d -m 0750 -o postgres -g postgres $new
      as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups env -C / "$@"; }
      as_postgres /usr/lib/postgresql/*/bin/initdb -D $new --auth=peer --locale=C.UTF-8 >/dev/null
      rm $new/pg_hba.conf; cp -a $data/postgresql.conf $new/
      edit_unit "s,$data,$new,g" postgresql.service
      systemctl start postgresql.service
      password=$(sed -n s/^POSTGRES_PASSWORD=//p /run/secrets/prism-env)
      sql "CREATE ROLE prism LOGIN PASSWORD '$password'"
      sql 'CREATE DATABASE prism OWNER prism'
      systemctl start $unit`,
      broken: 'answers 200 && curl -s http://127.0.0.1:8000/ | grep "0 users"',
      expect: {exit: 2, rootCauses: ['database/cluster'], message: /\/var\/lib\/postgresql/},
    },
  ),
]
