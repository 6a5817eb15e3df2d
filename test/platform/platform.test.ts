import {readdirSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {databaseServer} from '../../src/checks/database/server.ts'
import {checks} from '../../src/checks/index.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import {CannotLook, type Host} from '../../src/host/host.ts'
import type {Secrets} from '../../src/host/secrets.ts'
import {unitOf} from '../../src/host/unit.ts'
import {findPlatform} from '../../src/platform/find.ts'
import {
  type Configured,
  nothing,
  type Platform,
  together,
  type WebServer,
} from '../../src/platform/platform.ts'
import {mend} from '../../src/remedies/remedy.ts'
import type {Way} from '../../src/report/finding.ts'
import {literalHost} from '../literal.ts'
import {cannotLook, machine, recorded, verdicts} from '../machine.ts'
import {shown} from '../shown.ts'

const trixie = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n'

function released(text: string | null, answers: Partial<Host> = {}): Host {
  return literalHost({
    readFile: async path => {
      if (path === '/etc/os-release' && text !== null) return {kind: 'file', text, utf8: true}
      throw new CannotLook(`${path} may not be read`)
    },
    stat: async () => null,
    ...answers,
  })
}

const platformOf = (text: string | null): Promise<Platform> => findPlatform(released(text), {})
const debian = await platformOf(trixie)
const generic = await platformOf('ID=fedora\nVERSION_ID=43\n')
const nixos = await platformOf('ID=nixos\nVERSION_ID="25.11"\n')

const shell = ({steps}: Pick<Way, 'steps'>): readonly string[] => steps.map(step => step.shell)

describe('the platform is what os-release says', () => {
  test.each([
    [trixie, {id: 'debian', version: '13'}, 'adduser'],
    [
      'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="26.04"\n',
      {id: 'ubuntu', version: '26.04'},
      'adduser',
    ],
    ["ID=raspbian\nID_LIKE='debian'\n", {id: 'raspbian', version: null}, 'adduser'],
    ['ID=arch\n', {id: 'arch', version: null}, 'useradd'],
    [null, {id: null, version: null}, 'useradd'],
    ['ID=nixos\nVERSION_ID="25.11"\n', {id: 'nixos', version: '25.11'}, 'nixos-rebuild'],
  ])('%j', async (text, expected, program) => {
    const platform = await platformOf(text)
    expect(platform).toMatchObject(expected)
    expect(shell(platform.user(target({}), 'web', 'web'))[0]).toContain(program)
  })

  test('and /etc/NIXOS counts where os-release says nothing', async () => {
    const stat = {
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      nlink: 1,
      size: 0,
      mtime: 0,
      dev: 1,
    } as const
    const host = released(null, {stat: async path => (path === '/etc/NIXOS' ? stat : null)})
    expect((await findPlatform(host, {})).id).toBe('nixos')
  })
})

function target({
  environment = '',
  files = {},
}: {
  environment?: string
  files?: Record<string, readonly string[]>
}) {
  const secretsFiles = Object.entries(files).map(([path, names]) => ({
    path,
    variables: new Map(names.map(name => [name, 'x'])),
  }))
  const unit = shown(`Id=shop.service\nEnvironment=${environment}\n`)
  return {unit, secretsFiles} satisfies Configured
}

describe('a setting of the unit', () => {
  test('is a drop-in', () => {
    expect(
      mend('Let it write', debian.unitSetting('shop.service', {ReadWritePaths: ['/srv/x']})),
    ).toMatchObject({
      summary: 'Let it write, then restart the service',
      steps: [
        {shell: 'sudo systemctl edit shop.service', argv: null},
        {
          shell: 'sudo systemctl restart shop.service',
          argv: ['systemctl', 'restart', 'shop.service'],
        },
      ],
      nix: null,
      lasting: {
        file: '/etc/systemd/system/shop.service.d/override.conf',
        text: '[Service]\nReadWritePaths=/srv/x',
      },
      alternatives: [],
    })
  })

  test('that takes the place of a list forgets it first', () => {
    const means = debian.unitSetting(
      'shop.service',
      {RestrictAddressFamilies: ['AF_UNIX']},
      {force: true},
    )
    expect(means.lasting?.text).toBe(
      '[Service]\nRestrictAddressFamilies=\nRestrictAddressFamilies=AF_UNIX',
    )
    expect(debian.unitSetting('shop.service', {PrivateNetwork: false}).lasting?.text).toBe(
      '[Service]\nPrivateNetwork=no',
    )
  })

  test('is a line of Nix and a rebuild on NixOS', () => {
    expect(
      mend('Let it write', nixos.unitSetting('shop.service', {ReadWritePaths: ['/srv/x']})),
    ).toMatchObject({
      summary: 'Let it write, then rebuild',
      steps: [{argv: ['nixos-rebuild', 'switch']}],
      nix: 'systemd.services.shop.serviceConfig.ReadWritePaths = [ "/srv/x" ];',
      lasting: {
        file: null,
        text: 'systemd.services.shop.serviceConfig.ReadWritePaths = [ "/srv/x" ];',
      },
    })
  })
})

describe('a variable', () => {
  const lasting = (where: Configured, file?: string) =>
    debian.variable(where, 'DEBUG', 'false', file).lasting

  test('is corrected where it is stated', () => {
    const files = {'/etc/shop/env': ['DEBUG'], '/etc/shop/secrets': ['SECRET_KEY']}
    expect(lasting(target({files}))).toEqual({file: '/etc/shop/env', text: 'DEBUG=false'})
    expect(lasting(target({files: {'/etc/shop/secrets': []}, environment: 'DEBUG=true'}))).toEqual({
      file: '/etc/systemd/system/shop.service.d/override.conf',
      text: '[Service]\nEnvironment=DEBUG=false',
    })
    expect(lasting(target({files: {'/etc/shop/secrets': []}}))?.file).toBe('/etc/shop/secrets')
    expect(lasting(target({files}), '/srv/shop/.env')?.file).toBe('/srv/shop/.env')
  })

  test('that is a secret is never shown, and its file is named', () => {
    const means = debian.secret(target({files: {'/etc/shop/env': ['SECRET_KEY']}}), 'SECRET_KEY')
    expect(shell(means)).toEqual(['sudoedit /etc/shop/env', 'sudo systemctl restart shop.service'])
    expect(means.lasting).toEqual({file: '/etc/shop/env', text: 'SECRET_KEY=…'})
  })

  test('with a space or a percent sign is quoted as systemd reads it', () => {
    expect(debian.variable(target({}), 'NAME', '5 % off').lasting?.text).toBe(
      '[Service]\nEnvironment="NAME=5 %% off"',
    )
  })

  test('is in the secrets of sops on NixOS alone', async () => {
    const installed = target({files: {'/run/secrets/env': ['SECRET_KEY']}})
    const configured = await findPlatform(released('ID=nixos\n'), {
      secrets: 'hosts/web.yaml',
      flake: '/etc/nixos#web',
    })
    expect(shell(configured.secret(installed, 'SECRET_KEY'))).toEqual([
      'sops hosts/web.yaml',
      "sudo nixos-rebuild switch --flake '/etc/nixos#web'",
    ])
    expect(shell(nixos.secret(installed, 'SECRET_KEY'))[0]).toBe('sops secrets/secrets.yaml')
  })
})

test('the boot is let to start a unit by systemctl, which may be run', () => {
  expect(mend('Let the boot start it', debian.enable('shop.service', 'disabled'))).toMatchObject({
    risk: 'safe',
    steps: [{argv: ['systemctl', 'enable', 'shop.service']}],
    lasting: null,
  })
  expect(debian.enable('shop.service', 'static')).toMatchObject({
    lasting: {text: '[Install]\nWantedBy=multi-user.target'},
  })
  expect(debian.enable('shop.service', 'static').risk).toBeUndefined()
})

test('users and groups', () => {
  expect(shell(debian.user(target({}), 'web', 'web'))[0]).toBe(
    'sudo adduser --system --group --no-create-home web',
  )
  expect(shell(debian.user(target({}), 'web', 'shop')).slice(0, 2)).toEqual([
    'sudo addgroup --system shop',
    'sudo adduser --system --ingroup shop --no-create-home web',
  ])
  expect(shell(generic.group(target({}), 'shop'))[0]).toBe('sudo groupadd --system shop')
})

test('tmpfiles and the application', () => {
  expect(debian.tmpfiles('shop.service', 'd /var/lib/shop 0750 web web - -').lasting?.file).toBe(
    '/etc/tmpfiles.d/shop.conf',
  )
  expect(debian.tmpfiles('shop.service', 'Z /var/lib/shop - web web - -').lasting).toBeNull()
  expect(mend('Correct the import', debian.code(target({})))).toMatchObject({
    summary: 'Correct the import, then deploy it again and restart the service',
    steps: [{argv: ['systemctl', 'restart', 'shop.service']}],
  })
})

describe('a web server in front', () => {
  const server = (kind: WebServer['kind'], more: Partial<WebServer> = {}): WebServer => ({
    kind,
    unit: unitOf(`${kind === 'apache' ? 'apache2' : kind}.service`, {}),
    active: true,
    file: null,
    ...more,
  })
  const headers = {kind: 'proxy-headers'} as const

  test('is told in its own files, tested and reloaded; one that is down is started', () => {
    expect(mend('Correct it', debian.front(server('nginx'), headers))).toMatchObject({
      summary: 'Correct it, then test and reload nginx',
      steps: [{argv: ['nginx', '-t']}, {argv: ['systemctl', 'reload', 'nginx.service']}],
      nix: null,
      lasting: null,
    })
    const httpd = server('apache', {unit: unitOf('httpd.service', {})})
    expect(shell(generic.front(httpd))[0]).toBe('sudo apachectl configtest')
    expect(mend('Correct it', debian.front(server('nginx', {active: false})))).toMatchObject({
      summary: 'Correct it, then start it',
      steps: [{argv: ['systemctl', 'start', 'nginx.service']}],
    })
  })

  test('has options on NixOS, where no file of it is edited', () => {
    expect([nixos.writesFronts, debian.writesFronts, nixos.sites(server('nginx'))]).toEqual([
      true,
      false,
      null,
    ])
    expect(mend('Forward the name', nixos.front(server('nginx'), headers))).toMatchObject({
      summary: 'Forward the name, then rebuild',
      steps: [{argv: ['nixos-rebuild', 'switch']}],
      nix: 'services.nginx.recommendedProxySettings = true;',
    })
    const upstream = {
      kind: 'upstream',
      name: 'shop.example',
      url: 'http://unix:/run/shop.sock',
    } as const
    expect(nixos.front(server('nginx'), upstream).nix).toBe(
      'services.nginx.virtualHosts."shop.example".locations."/".proxyPass = "http://unix:/run/shop.sock";',
    )
    expect(nixos.front(server('caddy'), upstream).nix).toBeNull()
  })

  test('gets the sites that are enabled from those that are there', () => {
    const enabling = (kind: WebServer['kind'], file: string) =>
      shell(debian.sites(server(kind))?.enable(file) ?? nothing)
    expect(enabling('apache', '/etc/apache2/sites-available/shop.conf')).toEqual([
      'sudo a2ensite shop',
      'sudo apache2ctl configtest',
      'sudo systemctl reload apache2.service',
    ])
    expect(enabling('nginx', '/etc/nginx/sites-available/shop')[0]).toBe(
      'sudo ln -s /etc/nginx/sites-available/shop /etc/nginx/sites-enabled/shop',
    )
    expect(debian.sites(server('caddy'))).toBeNull()
  })

  test('is let into a group, together with what opens the socket to that', () => {
    const both = (platform: Platform) =>
      mend(
        'Let it in',
        together(
          platform.unitSetting('shop.service', {UMask: '0007'}),
          platform.frontGroup(server('nginx'), 'www-data', 'shop'),
        ),
      )
    expect(both(debian)).toMatchObject({
      summary: 'Let it in, then restart the service and restart nginx',
      lasting: {
        file: '/etc/systemd/system/shop.service.d/override.conf',
        text: '[Service]\nUMask=0007',
      },
    })
    expect(shell(both(debian))).toEqual([
      'sudo systemctl edit shop.service',
      'sudo systemctl restart shop.service',
      'sudo usermod -aG shop www-data',
      'sudo systemctl restart nginx.service',
    ])
    const lines =
      'systemd.services.shop.serviceConfig.UMask = "0007";\nusers.users.www-data.extraGroups = [ "shop" ];'
    expect(both(nixos)).toMatchObject({
      summary: 'Let it in, then rebuild',
      steps: [{argv: ['nixos-rebuild', 'switch']}],
      nix: lines,
      lasting: {file: null, text: lines},
    })
  })
})

describe('PostgreSQL on Debian', () => {
  const lines = [
    '15 old  5433 down   postgres /var/lib/postgresql/15/old  /var/log/postgresql/postgresql-15-old.log',
    '17 main 5432 online postgres /var/lib/postgresql/17/main /var/log/postgresql/postgresql-17-main.log',
  ]
  const asked = (printed: Readonly<Record<string, string | null>>): Host =>
    literalHost({
      exec: async ([program = '']) => {
        const stdout = printed[program] ?? null
        if (stdout === null) throw new CannotLook(`${program} is not installed`)
        return {exitCode: 0, stdout, stderr: ''}
      },
    })

  test('is the cluster that has the port', async () => {
    const host = asked({pg_lsclusters: `${lines.join('\n')}\n`, systemctl: ''})
    const server = await debian.findPostgres(host, 5432)
    expect(server).toEqual({
      unit: 'postgresql@17-main.service',
      log: '/var/log/postgresql/postgresql-17-main.log',
      configuration: '/etc/postgresql/17/main',
    })
    expect((await debian.findPostgres(host, 5433)).unit).toBe('postgresql@15-old.service')
    expect((await debian.findPostgres(host, 9)).unit).toBe('postgresql.service')
    expect(debian.postgresSetting(server, 'max_connections', 200)).toMatchObject({
      steps: [
        {shell: 'sudoedit /etc/postgresql/17/main/postgresql.conf'},
        {argv: ['systemctl', 'restart', 'postgresql@17-main.service']},
      ],
      lasting: {file: '/etc/postgresql/17/main/postgresql.conf', text: 'max_connections = 200'},
    })
    expect(debian.postgresAdmission(server, 'local shop web peer').lasting?.file).toBe(
      '/etc/postgresql/17/main/pg_hba.conf',
    )
    const steps = (...names: readonly string[]) =>
      debian.postgresExtensions(server, names).steps.map(({shell}) => shell)
    expect(steps('vector', 'postgis', 'postgis_raster', 'hstore')).toEqual([
      'sudo apt install postgresql-17-pgvector postgresql-17-postgis-3 postgresql-17',
    ])
    expect(steps('nobody_knows')).toEqual(["apt-cache search 'postgresql-17.*nobody_knows'"])
    expect(debian.postgresLocale(server, 'de_DE.utf8@euro')).toMatchObject({
      steps: [
        {shell: 'sudoedit /etc/locale.gen'},
        {argv: ['locale-gen']},
        {argv: ['systemctl', 'restart', 'postgresql@17-main.service']},
      ],
      lasting: {file: '/etc/locale.gen', text: 'de_DE.UTF-8@euro UTF-8'},
    })
    expect(
      debian.postgresHbaLine(server, '/etc/x/pg_hba.conf', 'host all all all md5'),
    ).toMatchObject({
      steps: [
        {shell: 'sudoedit /etc/x/pg_hba.conf'},
        {argv: ['systemctl', 'reload', 'postgresql@17-main.service']},
      ],
      lasting: {file: '/etc/x/pg_hba.conf', text: 'host all all all md5'},
    })
  })

  test('is named by its own unit where it does not run', async () => {
    const unit = recorded('postgres-stopped', 'unit', 'postgresql.service') as object
    const host = machine('postgres-stopped', {
      readFile: {'/etc/os-release': {kind: 'file', text: trixie, utf8: true}},
      exec: {'PostgreSQL clusters': {exitCode: 0, stdout: `${lines.join('\n')}\n`, stderr: ''}},
      unit: {'postgresql@17-main.service': {...unit, Id: 'postgresql@17-main.service'}},
    })
    expect(await verdicts(databaseServer, host)).toMatchObject([
      {
        code: 'refused',
        message:
          'localhost:5432 refuses connections; postgresql@17-main.service is inactive (dead)',
        remedy: {
          steps: [
            {argv: ['systemctl', 'start', 'postgresql@17-main.service']},
            {argv: ['systemctl', 'start', 'prism-django.service']},
          ],
          nix: null,
          lasting: null,
        },
      },
    ])
  })

  test('is the only cluster, by systemd where pg_lsclusters is missing', async () => {
    const listed = 'postgresql@17-main.service loaded inactive dead PostgreSQL Cluster 17-main\n'
    expect((await debian.findPostgres(asked({systemctl: listed}), 5432)).unit).toBe(
      'postgresql@17-main.service',
    )
    expect((await debian.findPostgres(asked({}), 5432)).unit).toBe('postgresql.service')
  })
})

/** Every text in it, at any depth, and no name of a field. */
function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(wordsOf) : []
}

const fixtures = readdirSync(new URL('../../fixtures', import.meta.url)).map(name =>
  name.replace(/\.json$/, ''),
)

describe.each([
  ['Debian', trixie],
  ['an unknown system', 'ID=void\n'],
])('no remedy mentions NixOS on %s', (_, text) => {
  test.each(fixtures)('%s', async name => {
    // Only what the platform says is judged: the paths of the recorded machine lie in a store.
    const host = machine(name, {
      readFile: {'/etc/os-release': {kind: 'file', text, utf8: true}},
      // What Debian alone is asked: it has PostgreSQL in one unit, as the recorded machine has.
      exec: {
        'PostgreSQL clusters': cannotLook('pg_lsclusters is not installed'),
        'units postgresql@*.service': {exitCode: 0, stdout: '', stderr: ''},
      },
    })
    const moved = (same: string): string =>
      same.replaceAll(/\/nix\/store\/\S+/g, '/opt/shop').replaceAll('/run/secrets/', '/etc/shop/')
    const {secrets} = host
    const redactAll: Secrets['redactAll'] = lines => secrets.redactAll(lines).map(moved)
    // Of Debian, and of the paths that are moved, more is asked than was recorded: unknown here.
    const report = await diagnose({
      host: {...host, secrets: {...secrets, redactAll}},
      hostname: 'midship',
      checks,
      settings: {unit: 'prism-django.service'},
      deadline: 60_000,
    })
    const said = report.checks.flatMap(({findings}) =>
      findings.flatMap(({message, remedy}) => [message, ...wordsOf(remedy)]),
    )
    expect(said.filter(each => /\bnix|nixos|\bsops|\bthe store\b|rebuild/i.test(each))).toEqual([])
    const ways = report.checks.flatMap(({findings}) => findings.flatMap(({remedy}) => remedy ?? []))
    expect(ways.flatMap(way => [way, ...way.alternatives]).filter(({nix}) => nix !== null)).toEqual(
      [],
    )
  })
})
