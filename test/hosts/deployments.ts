/** A Django site on the host, and what a script must know of it. */
export interface Deployment {
  readonly name: string
  readonly unit: string
  /** Whom the unit runs as. */
  readonly user: string
  /** The unit of the front that serves it. */
  readonly front: string
  /** The front's file in which the site stands. */
  readonly site: string
  /** Units that are started at boot, beside PostgreSQL and the front. */
  readonly enabled: readonly string[]
  /** The name under which the front serves it. */
  readonly host: string
  /** A page that asks the database. */
  readonly page: string
  /** Of PostgreSQL. */
  readonly role: string
  readonly database: string
  /** What runs `manage.py`, and where. */
  readonly manage: string
  readonly directory: string
  /** What the unit reads its environment from. */
  readonly environment?: string
  /** The file in which this machine's settings stand. */
  readonly settings: string
  /** A module that the URLs import. */
  readonly views: string
  /**
   * Where static files are collected, by whom, and one of them that the front serves at
   * `staticUrl`.
   */
  readonly staticRoot: string
  readonly collectedBy: string
  readonly staticFile: string
  readonly staticUrl: string
  /**
   * An application of the project: the directory that holds its models and migrations, and its
   * label.
   */
  readonly application: string
  readonly label: string
}

const nginx = {front: 'nginx.service'} as const

/** graphite-web of Debian: uwsgi and nginx, settings in /etc, collected by root into /usr/share. */
export const graphite: Deployment = {
  ...nginx,
  name: 'graphite',
  unit: 'graphite-web.service',
  user: '_graphite',
  site: '/etc/nginx/sites-available/graphite-web',
  enabled: ['graphite-web.service'],
  host: 'graphite.example',
  page: '/events/get_data',
  role: 'graphite',
  database: 'graphite',
  manage: '/usr/bin/graphite-manage',
  directory: '/',
  settings: '/etc/graphite/local_settings.py',
  views: '/usr/lib/python3/dist-packages/graphite/browser/views.py',
  staticRoot: '/usr/share/graphite-web/static',
  collectedBy: 'root',
  staticFile: 'admin/css/base.css',
  staticUrl: '/static/admin/css/base.css',
  application: '/usr/lib/python3/dist-packages/graphite/events',
  label: 'events',
}

/** wims-lti of Debian: `python3 -m gunicorn` as a user who logs in to PostgreSQL by peer. */
export const wims: Deployment = {
  ...nginx,
  name: 'wims',
  unit: 'wims-lti.service',
  user: 'lti',
  site: '/etc/nginx/sites-available/wims-lti',
  enabled: ['wims-lti.service'],
  host: 'lti.example',
  page: '/',
  role: 'lti',
  database: 'wims_lti',
  manage: '/usr/bin/python3 manage.py',
  directory: '/var/lib/wims-lti',
  settings: '/var/lib/wims-lti/wimsLTI/config.py',
  views: '/var/lib/wims-lti/lti_app/views.py',
  staticRoot: '/var/lib/wims-lti/static',
  collectedBy: 'root',
  staticFile: 'css/lti_app.css',
  staticUrl: '/static/css/lti_app.css',
  application: '/var/lib/wims-lti/lti_app',
  label: 'lti_app',
}

/** As cookiecutter-django lays it out: environ, a venv, a unix socket, whitenoise, redis. */
export const bakery: Deployment = {
  ...nginx,
  name: 'bakery',
  unit: 'bakery-web.service',
  user: 'bakery',
  site: '/etc/nginx/sites-available/bakery',
  enabled: ['bakery-web.service', 'redis-server.service'],
  host: 'bakery.example',
  page: '/',
  role: 'bakery',
  database: 'bakery',
  manage: '/opt/bakery/venv/bin/python manage.py',
  directory: '/opt/bakery',
  environment: '/etc/bakery/bakery.env',
  settings: '/opt/bakery/config/settings/production.py',
  views: '/opt/bakery/bakery/orders/views.py',
  staticRoot: '/opt/bakery/staticfiles',
  collectedBy: 'bakery',
  staticFile: 'css/project.css',
  staticUrl: '/static/css/project.css',
  application: '/opt/bakery/bakery/orders',
  label: 'orders',
}

/** As the tutorials have it: startproject below /home, everything literal, gunicorn.socket. */
export const tutorial: Deployment = {
  ...nginx,
  name: 'tutorial',
  unit: 'gunicorn.service',
  user: 'sammy',
  site: '/etc/nginx/sites-available/myproject',
  enabled: ['gunicorn.socket', 'gunicorn.service'],
  host: 'polls.example',
  page: '/',
  role: 'myprojectuser',
  database: 'myproject',
  manage: '/home/sammy/myproject/venv/bin/python manage.py',
  directory: '/home/sammy/myproject',
  settings: '/home/sammy/myproject/myproject/settings.py',
  views: '/home/sammy/myproject/polls/views.py',
  staticRoot: '/home/sammy/myproject/static',
  collectedBy: 'sammy',
  staticFile: 'polls/style.css',
  staticUrl: '/static/polls/style.css',
  application: '/home/sammy/myproject/polls',
  label: 'polls',
}

/**
 * ASGI: uvicorn behind caddy, decouple with a .env, state below /var/lib, a log file, a oneshot
 * that it requires.
 */
export const beacon: Deployment = {
  name: 'beacon',
  unit: 'beacon.service',
  user: 'beacon',
  front: 'caddy.service',
  site: '/etc/caddy/Caddyfile',
  enabled: ['beacon.service'],
  host: 'beacon.example',
  page: '/',
  role: 'beacon_app',
  database: 'beacon',
  manage: '/usr/bin/python3 manage.py',
  directory: '/srv/beacon',
  settings: '/srv/beacon/beacon/settings.py',
  views: '/srv/beacon/signals/views.py',
  staticRoot: '/var/lib/beacon/assets',
  collectedBy: 'beacon',
  staticFile: 'signals/beacon.css',
  staticUrl: '/assets/signals/beacon.css',
  application: '/srv/beacon/signals',
  label: 'signals',
}

/**
 * Computed applications, local_settings, its key in a file, gunicorn.conf.py, apache2, a manifest.
 */
export const ledger: Deployment = {
  name: 'ledger',
  unit: 'ledger.service',
  user: 'www-data',
  front: 'apache2.service',
  site: '/etc/apache2/sites-available/ledger.conf',
  enabled: ['ledger.service'],
  host: 'ledger.example',
  page: '/',
  role: 'ledger',
  database: 'ledger_production',
  manage: '/usr/bin/python3 manage.py',
  directory: '/var/www/ledger',
  settings: '/var/www/ledger/ledger/local_settings.py',
  views: '/var/www/ledger/apps/accounts/views.py',
  staticRoot: '/var/www/ledger/collected',
  collectedBy: 'www-data',
  staticFile: 'css/ledger.css',
  staticUrl: '/static/css/ledger.css',
  application: '/var/www/ledger/apps/accounts',
  label: 'accounts',
}

export const deployments: readonly Deployment[] = [graphite, wims, bakery, tutorial, beacon, ledger]

export function deploymentOf(name: string): Deployment {
  const found = deployments.find(each => each.name === name)
  if (!found)
    throw new Error(
      `there is no deployment ${name}: ${deployments.map(each => each.name).join(' ')}`,
    )
  return found
}

/** What inject.sh reads, as assignments of bash: staticRoot is $static_root. */
export function variables(deployment: Deployment): string {
  const values = {
    environment: '/dev/null',
    ...deployment,
    enabled: deployment.enabled.join(' '),
  }
  return Object.entries(values)
    .map(
      ([name, value]) =>
        `${name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)}='${value}'`,
    )
    .join('\n')
}
