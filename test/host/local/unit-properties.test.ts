import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {parseEnvironmentFile} from '../../../src/host/environment-file.ts'
import {environmentText} from '../../../src/host/local/environment-text.ts'
import {parseShown, type Setting, type Shown} from '../../../src/host/local/shown.ts'
import {translate} from '../../../src/host/local/unit-properties.ts'

/** What `systemctl show --all UNIT no-such.service` printed on a real machine (systemd 257). */
function shown(name: string): readonly [Shown, Shown] {
  const [unit, defaults] = parseShown(
    readFileSync(new URL(`shown/${name}.txt`, import.meta.url), 'utf8'),
  )
  if (!unit || !defaults) throw new Error(`${name} does not hold two units`)
  return [unit, defaults]
}

/** All but the limits, which are always passed on. */
function settings(unit: Shown, defaults: Shown): readonly string[] {
  return translate(unit, defaults)
    .settings.filter(({name}) => !name.startsWith('Limit'))
    .map(({name, value}) => `${name}=${value.length > 200 ? '…' : value}`)
}

/** The unit with some properties changed; null removes one. */
function edited(
  [unit, defaults]: readonly [Shown, Shown],
  edits: Readonly<Record<string, string | null>>,
): [Shown, Shown] {
  const changed = new Map(unit)
  for (const [name, value] of Object.entries(edits)) {
    if (value === null) changed.delete(name)
    else changed.set(name, [value])
  }
  return [changed, defaults]
}

describe('translate', () => {
  it('passes on what midship has set, and nothing of how it is started, watched and stopped', () => {
    expect(settings(...shown('prism-django'))).toEqual([
      'DevicePolicy=closed',
      'DeviceAllow=char-rtc r',
      'CapabilityBoundingSet=',
      'User=prism',
      'Group=prism',
      'SetLoginEnvironment=yes',
      'ReadWritePaths=/var/lib/prism-django',
      'PrivateTmpEx=connected',
      'PrivateDevices=yes',
      'ProtectClock=yes',
      'ProtectKernelTunables=yes',
      'ProtectKernelModules=yes',
      'ProtectKernelLogs=yes',
      'ProtectHome=yes',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'SystemCallArchitectures=native',
      'LockPersonality=yes',
      'RestrictRealtime=yes',
      'RestrictSUIDSGID=yes',
      'ProtectHostname=yes',
      expect.stringMatching(/^WorkingDirectory=\/nix\/store\/[^/]+\/share\/prism-django$/),
    ])
  })

  it('hands over Environment= beside the settings, and the files in their order', () => {
    const {settings, environment, environmentFiles} = translate(...shown('prism-django'))
    expect(settings.some(({name}) => name.startsWith('Environment'))).toBe(false)
    expect(environment.get('ALLOWED_HOSTS')).toBe(
      'prism.midship.local,midship.local,localhost,127.0.0.1',
    )
    expect(environmentFiles).toEqual(['/run/secrets/prism-env'])
    const files = new Map(shown('prism-django')[0])
    files.set('EnvironmentFiles', ['/etc/a (ignore_errors=yes)', '/etc/b c (ignore_errors=no)'])
    expect(translate(files, new Map()).environmentFiles).toEqual(['-/etc/a', '/etc/b c'])
  })

  it('makes no directory, and opens what DynamicUser= keeps apart', () => {
    const all = settings(...shown('shape'))
    expect(all.filter(each => /Directory=/.test(each))).toEqual([])
    expect(all).toEqual(
      expect.arrayContaining([
        'DynamicUser=yes',
        'User=shape',
        'TemporaryFileSystem=/srv:ro',
        'TemporaryFileSystem=/var/lib/private:ro,noexec,mode=0755,size=4M,nr_inodes=1k',
        'BindPaths=-/var/lib/private/shape/one',
        'ReadWritePaths=-/var/lib/private/shape/one',
        'ReadWritePaths=-/run/shape',
        'ReadWritePaths=-/etc/shape',
      ]),
    )
    expect(Object.fromEntries(translate(...shown('shape')).environment)).toMatchObject({
      STATE_DIRECTORY: '/var/lib/shape/one',
      CACHE_DIRECTORY: '/var/cache/shape',
      LOGS_DIRECTORY: '/var/log/shape',
      RUNTIME_DIRECTORY: '/run/shape',
      CONFIGURATION_DIRECTORY: '/etc/shape',
    })
  })

  it('leaves to systemd what it maps to the user, as long as it is as systemd leaves it', () => {
    const [unit, defaults] = shown('shape')
    const {settings: mapped} = translate(
      unit,
      defaults,
      (path, mode) => path.startsWith('/var/lib/') && mode === 0o755,
    )
    const names = mapped.map(({name, value}) => `${name}=${value}`)
    expect(names).toEqual(
      expect.arrayContaining(['StateDirectory=shape/one', 'BindPaths=-/var/cache/private/shape']),
    )
    expect(names.filter(each => each.includes('/var/lib/private'))).toEqual([])
  })

  it('reads values as systemctl quotes them', () => {
    expect(Object.fromEntries(translate(...shown('shape')).environment)).toMatchObject({
      SPACED: 'a b',
      QUOTED: 'say "x"',
      DOLLAR: 'a$$b',
      EMPTY: '',
      UMLAUT: 'ü',
    })
  })

  it('binds the directories into a root of its own, and opens none where nothing is confined', () => {
    expect(settings(...shown('rooted'))).toEqual(
      expect.arrayContaining([
        'RootDirectory=/srv/root',
        'BindPaths=-/var/lib/rooted:/var/lib/rooted',
        'ReadWritePaths=-/var/lib/rooted',
      ]),
    )
    const open = settings(...edited(shown('rooted'), {RootDirectory: ''}))
    expect(open.filter(each => each.includes('/var/lib/rooted'))).toEqual([])
  })

  test.each<[string, Readonly<Record<string, string | null>>, string | null]>([
    [
      'limits with both ends',
      {LimitNOFILE: '4096', LimitNOFILESoft: '2048'},
      'LimitNOFILE=2048:4096',
    ],
    [
      'a directory that may be missing',
      {WorkingDirectory: '!/srv/app'},
      'WorkingDirectory=-/srv/app',
    ],
    ['the home directory', {WorkingDirectory: '~'}, 'WorkingDirectory=~'],
    ['bits by their names', {SecureBits: '3'}, 'SecureBits=noroot noroot-locked'],
    ['a share of the processors', {CPUQuotaPerSecUSec: '1.500s'}, 'CPUQuota=150%'],
    ['a slice of its own', {Slice: 'web.slice'}, 'Slice=web.slice'],
    ['no slice of a template', {Slice: 'system-app.slice'}, null],
    ['no value that cannot be printed', {BPFProgram: '[unprintable]'}, null],
    ['what this version does not know', {ProtectMoon: 'yes'}, 'ProtectMoon=yes'],
    ['no exit status that counts as success', {SuccessExitStatus: '3'}, null],
    [
      'no dependency',
      {Requires: 'postgresql.service', After: 'x.service', OnFailure: 'mail.service'},
      null,
    ],
    [
      'whose namespaces it joins',
      {JoinsNamespaceOf: 'vpn.service'},
      'JoinsNamespaceOf=vpn.service',
    ],
    ['no watchdog', {WatchdogUSec: '30s', NotifyAccess: 'all', Type: 'notify'}, null],
    ['no weight that is not set', {CPUWeight: '[not set]'}, null],
    ['a plain name without its fuller form', {PrivateTmpEx: null}, 'PrivateTmp=yes'],
    [
      'paths with blanks, which systemctl does not quote',
      {BindReadOnlyPaths: '/etc/a:/opt/host name:rbind -/b c:/b c:norbind'},
      'BindReadOnlyPaths=/etc/a:"/opt/host name":rbind "-/b c":"/b c":norbind',
    ],
    [
      'file systems likewise',
      {TemporaryFileSystem: '/srv/o o:ro,size=1M /mnt'},
      'TemporaryFileSystem="/srv/o o:ro,size=1M" /mnt',
    ],
    ['a list that is emptied', {CapabilityBoundingSet: ''}, 'CapabilityBoundingSet='],
  ])('%s', (_, edits, expected) => {
    const name = (setting: Setting): string => `${setting.name}=${setting.value}`
    const before = translate(
      ...edited(shown('prism-django'), {WorkingDirectory: '', PrivateTmpEx: 'no'}),
    )
    const after = translate(
      ...edited(shown('prism-django'), {WorkingDirectory: '', PrivateTmpEx: 'no', ...edits}),
    )
    const news = after.settings.map(name).filter(each => !before.settings.map(name).includes(each))
    if (expected === null) expect(news).toEqual([])
    else if (expected.endsWith('=')) expect(after.settings.map(name)).toContain(expected)
    else expect(news).toEqual([expected])
  })
})

describe('environmentText', () => {
  it('is read back as it was, by the rules of systemd', () => {
    const value = fc.string({unit: fc.constantFrom(...'ab \t\n"\'\\$`#;=%{}ü€'), maxLength: 20})
    const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/)
    fc.assert(
      fc.property(fc.dictionary(name, value), variables => {
        const {variables: read, problems} = parseEnvironmentFile(
          environmentText(Object.entries(variables)),
        )
        expect(problems).toEqual([])
        expect(Object.fromEntries(read)).toEqual({...variables})
      }),
    )
  })
})
