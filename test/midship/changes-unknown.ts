import type {Fault} from '../container/fault.ts'

/** What a doctor must say has changed since it was last healthy. */
export interface Expected {
  /** The change that was injected: the first that is told, or one of the first three. */
  readonly first: RegExp
  /** What else the injection changed, as it had to. */
  readonly also?: RegExp
  /** What is done before the first look, while all is well, as `inject` is. */
  readonly before?: string
}

/** A change that may be the end of a service, and that no check looks at. */
function unknown(
  name: string,
  title: string,
  inject: string,
  expected: Expected,
): Fault & {readonly expected: Expected} {
  return {
    name: `unknown-${name}`,
    title,
    inject,
    broken: 'true',
    expect: {exit: 0, rootCauses: []},
    expected,
  }
}

/** What a rebuild changes beside what was edited. */
const rebuilt = /^(?:package$|program\/\/nix\/store\/|code\/)/

/** What people change in the evening, and wonder about at night. */
export const unknownFaults: readonly (Fault & {readonly expected: Expected})[] = [
  unknown(
    'package-downgraded',
    'A Python package is an older version',
    `
      edit_python sh -c 'mv sqlparse-*.dist-info sqlparse-0.4.1.dist-info'
      restart_app`,
    {first: /^distribution\/sqlparse$/, also: /^(?:package|python\/environment|program\/.*)$/},
  ),
  unknown('locale-removed', 'A locale is gone', 'mv /usr/lib/locale/C.utf8 /root/', {
    first: /^locale\/C\.utf8$/,
  }),
  unknown(
    'sysctl',
    'The queue of connections is shorter',
    'mount -o remount,rw /proc/sys; sysctl -qw net.core.somaxconn=7',
    {first: /^kernel\/net\/core\/somaxconn$/},
  ),
  unknown(
    'module-forbidden',
    'A module of the kernel is not loaded any more',
    'mkdir -p /etc/modprobe.d; echo "blacklist ext4" > /etc/modprobe.d/no-ext4.conf',
    {first: /^etc\/modprobe\.d\/no-ext4\.conf$/},
  ),
  unknown(
    'time-zone',
    'The machine lives in another time zone',
    'ln -sfn /usr/share/zoneinfo/Asia/Tokyo /etc/localtime',
    {first: /^system\/time zone$/},
  ),
  unknown('hosts', 'A name leads elsewhere', 'echo 192.0.2.7 mail.example >> /etc/hosts', {
    first: /^etc\/hosts$/,
  }),
  unknown(
    'resolver',
    'Another server is asked for names',
    'echo nameserver 192.0.2.53 > /etc/resolv.conf',
    {
      first: /^resolver$/,
    },
  ),
  unknown(
    'index-dropped',
    'An index was dropped',
    `sql 'DROP INDEX lighthouse_reading_at_d4bb205d' prism`,
    {first: /^database\/table\/lighthouse_reading\/index /},
  ),
  unknown(
    'constraint-dropped',
    'A constraint was dropped',
    `sql 'ALTER TABLE lighthouse_reading DROP CONSTRAINT lighthouse_reading_beacon_id_11ead3c2_fk_lighthouse_beacon_id' prism`,
    {first: /^database\/table\/lighthouse_reading\/constraint /},
  ),
  unknown(
    'column-added',
    'Somebody added a column by hand',
    `sql 'ALTER TABLE lighthouse_beacon ADD COLUMN note text' prism`,
    {first: /^database\/table\/lighthouse_beacon\/column note$/},
  ),
  unknown(
    'trigger',
    'A trigger was put on a table',
    `
      sql 'CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$' prism
      sql 'CREATE TRIGGER slow BEFORE INSERT ON lighthouse_reading FOR EACH ROW EXECUTE FUNCTION slow()' prism`,
    {first: /^database\/table\/lighthouse_reading\/trigger slow$/},
  ),
  unknown(
    'connection-limit',
    'The role may have fewer connections',
    `sql 'ALTER ROLE prism CONNECTION LIMIT 60'`,
    {first: /^role\/prism\/rolconnlimit$/},
  ),
  unknown(
    'work-memory',
    'PostgreSQL has less memory for sorting',
    `
      edit_postgres postgresql.conf '$ a work_mem = 64'
      systemctl reload postgresql.service`,
    {first: /^postgresql\/17\/work_mem$/},
  ),
  unknown(
    'admission-order',
    'Two lines of pg_hba.conf have changed places',
    `
      edit_postgres pg_hba.conf '/127.0.0.1/{h;d}; /reject/G'
      systemctl reload postgresql.service`,
    {
      before: `
        edit_postgres pg_hba.conf '$ a host all mail 127.0.0.0/8 reject'
        systemctl reload postgresql.service`,
      first: /^pg_hba order\/17\/host all all 127/,
    },
  ),
  unknown(
    'access-control-list',
    'Somebody else may read what the service keeps, and its mode is as it was',
    'setfacl -m u:nobody:rx,m::rx /var/lib/prism-django',
    {first: /^acl\/\/var\/lib\/prism-django$/},
  ),
  unknown(
    'random-page-cost',
    'The role plans its queries otherwise',
    `sql 'ALTER ROLE prism SET random_page_cost = 400'`,
    {first: /^(?:database\/setting\/prism\/all\/random_page_cost|role\/prism\/rolconfig)$/},
  ),
  unknown(
    'open-files',
    'The service may open fewer files',
    `
      add_to_unit LimitNOFILE=256
      restart_app`,
    {first: /^unit\/LimitNOFILE(?:Soft)?$/},
  ),
  unknown(
    'cpu-quota',
    'The service may take less of the processor',
    `
      add_to_unit CPUQuota=20%
      restart_app`,
    {first: /^unit\/CPUQuotaPerSecUSec$/},
  ),
  unknown(
    'group-joined',
    "The service's user is in another group",
    `
      groupadd --system journalists
      usermod -aG journalists prism`,
    {first: /^user\/prism\/groups$/},
  ),
  unknown(
    'body-size',
    'nginx takes smaller uploads',
    `edit_nginx 's,^\\t\\tlocation / {,\\t\\tclient_max_body_size 1k;\\n&,'`,
    {first: /^front\/nginx\/.*\/client_max_body_size$/},
  ),
  unknown(
    'read-timeout',
    'nginx waits a second for the application',
    `edit_nginx 's,^\\t\\tlocation / {,&\\n\\t\\t\\tproxy_read_timeout 1s;,'`,
    {first: /^front\/nginx\/.*\/proxy_read_timeout$/},
  ),
  unknown(
    'session-age',
    'Sessions end after a minute',
    `
      edit_package sh -c 'echo "SESSION_COOKIE_AGE = 60" >> prism/settings.py'
      restart_app`,
    {first: /^setting\/SESSION_COOKIE_AGE$|^code\/.*settings\.py$/, also: rebuilt},
  ),
  unknown(
    'template',
    'A template says something else',
    `
      edit_package sh -c 'echo "<!-- changed -->" >> templates/home.html'
      restart_app`,
    {first: /^code\/.*\/templates\/home\.html$/, also: rebuilt},
  ),
  unknown(
    'workers',
    'There is one worker where there were two',
    `
      edit_unit 's/GUNICORN_WORKERS=2/GUNICORN_WORKERS=1/'
      restart_app`,
    {first: /^environment\/GUNICORN_WORKERS$/},
  ),
  unknown(
    'mail-host',
    'Mail goes to another server',
    `
      edit_package sh -c 'echo "EMAIL_HOST = \\"mail.invalid\\"" >> prism/settings.py'
      restart_app`,
    {first: /^setting\/EMAIL_HOST$|^code\/.*settings\.py$/, also: rebuilt},
  ),
]
