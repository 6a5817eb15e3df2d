import {describe, expect, it, test} from 'vitest'
import {appSettings} from '../../../src/checks/app/settings.ts'
import type {ExceptionLink} from '../../../src/facts/django/django.ts'
import type {AsUnitOptions, ExecAnswer, Host, UnitSetting} from '../../../src/host/host.ts'
import {CannotLook} from '../../../src/host/host.ts'
import {record} from '../../../src/host/record.ts'
import {formatRecording, parseRecording} from '../../../src/host/recording-file.ts'
import {createSecrets} from '../../../src/host/redactor.ts'
import {replayHost} from '../../../src/host/replay.ts'
import {exceptionLink} from '../../exception-link.ts'
import {journal, journalStart, type Line, service} from '../../journal.ts'
import {askedStart, djangoSaid, type Edits, machine, verdicts} from '../../machine.ts'

const unit = 'prism-django.service'
const debian: Edits = {
  readFile: {'/etc/os-release': {kind: 'file', text: 'ID=debian\nVERSION_ID="13"\n', utf8: true}},
}

/** As the real machine of test/midship has them. */
const settings: readonly UnitSetting[] = [
  {name: 'ReadWritePaths', value: '/var/lib/prism-django'},
  {name: 'PrivateTmp', value: 'yes'},
  {name: 'PrivateDevices', value: 'yes'},
  {name: 'ProtectHome', value: 'yes'},
  {name: 'ProtectSystem', value: 'strict'},
  {name: 'MemoryDenyWriteExecute', value: 'yes'},
  {name: 'RestrictAddressFamilies', value: 'AF_UNIX AF_INET'},
  {name: 'SystemCallFilter', value: `~${'setpriority '.repeat(20)}`},
  {name: 'LimitNOFILE', value: '48:48'},
]

const raised = (type: string, message: string, more: Partial<ExceptionLink> = {}): ExceptionLink =>
  exceptionLink(type, message, {place: {file: '/srv/lamps/lens.py', line: 3}, ...more})

/** How a dry start ends: what was raised, an answer of systemd's, or null where it succeeds. */
type Ends = ExceptionLink | Partial<ExecAnswer> | null
type Start = (has: (setting: string) => boolean, added: readonly UnitSetting[]) => Ends

const saidBy = (end: Ends): ExecAnswer => {
  const chain = end && 'type' in end ? [end] : []
  const failures = chain.length > 0 ? [{stage: 'urls', chain}] : []
  const said = djangoSaid('port-taken', {failures}, askedStart)
  return end && !('type' in end) ? {exitCode: 1, stdout: '', stderr: '', ...end} : said
}

/**
 * A machine whose service fails, and how a start of it ends: asked whether the unit has a setting
 * then.
 */
function failing(start: Start, edits: Edits = {}) {
  const host = machine('healthy', {
    show: {[unit]: {ActiveState: 'failed', SubState: 'failed'}},
    stat: {
      '/var/log/lamps.log': {...regular},
      '/var/log/new.log': null,
      '/home/keeper/app/lamp.toml': null,
    },
    ...edits,
  })
  const asked: AsUnitOptions[] = []
  const asUnit: Host['asUnit'] = async (name, argv, options = {}) => {
    if (options.question === 'ask Django: settings') return host.asUnit(name, argv, options)
    asked.push(options)
    const {without = [], with: added = []} = options
    const has = (setting: string): boolean =>
      settings.some(each => each.name === setting) && !without.includes(setting)
    return saidBy(start(has, added))
  }
  return {asked, host: {...host, asUnit, sandbox: async () => settings}}
}

const regular = {type: 'file', mode: 0o644, uid: 0, gid: 0, nlink: 1, size: 0, mtime: 0, dev: 1}

async function judged(start: Start, edits: Edits = debian) {
  const {host, asked} = failing(start, edits)
  const [finding] = await verdicts(appSettings, host)
  return {finding, asked}
}

const denied = raised('PermissionError', '[Errno 13] Permission denied', {errno: 13})

describe('a start that succeeds without one setting', () => {
  it('names the setting, what fails and its change, as a cause of its own', async () => {
    const {finding, asked} = await judged(has => (has('MemoryDenyWriteExecute') ? denied : null))
    expect(finding).toMatchObject({
      status: 'critical',
      code: 'sandbox',
      kind: 'cause',
      explains: expect.arrayContaining(['service/active']),
      message: `MemoryDenyWriteExecute=yes of ${unit} keeps Django from starting: PermissionError: [Errno 13] Permission denied (/srv/lamps/lens.py:3); without it the same start succeeds`,
      remedy: {lasting: {text: '[Service]\nMemoryDenyWriteExecute=no'}},
    })
    expect(asked.length).toBeLessThanOrEqual(8)
    expect(asked.every(({as}) => as === undefined)).toBe(true)
  })

  it('on NixOS says it in Nix', async () => {
    const {finding} = await judged(has => (has('MemoryDenyWriteExecute') ? denied : null), {})
    expect(finding?.remedy?.nix).toBe(
      'systemd.services.prism-django.serviceConfig.MemoryDenyWriteExecute = lib.mkForce false;',
    )
  })

  const opened = (path: string, errno: number): ExceptionLink =>
    raised('OSError', `[Errno ${errno}] refused: '${path}'`, {errno, filename: path})
  const value = (added: readonly UnitSetting[], name: string): string =>
    added.find(each => each.name === name)?.value ?? ''

  test.each([
    ['a file that is there', '/var/log/lamps.log', '/var/log/lamps.log'],
    ['one that is to be made', '/var/log/new.log', '/var/log'],
  ])('makes writable no more than %s', async (_, path, writable) => {
    const {finding} = await judged((has, added) =>
      has('ProtectSystem') && value(added, 'ReadWritePaths') !== writable ? opened(path, 30) : null,
    )
    expect(finding?.message).toMatch(/^ProtectSystem=strict of /)
    expect(finding?.remedy?.lasting?.text).toBe(`[Service]\nReadWritePaths=${writable}`)
  })

  it('gives a directory for temporary files rather than the whole system', async () => {
    const none = raised(
      'FileNotFoundError',
      "[Errno 2] No usable temporary directory found in ['/tmp']",
    )
    const {finding} = await judged((has, added) =>
      has('ProtectSystem') && value(added, 'PrivateTmp') !== 'yes' ? none : null,
    )
    expect(finding?.remedy?.lasting?.text).toBe('[Service]\nPrivateTmp=yes')
  })

  it('shows of a home only what is needed', async () => {
    const path = '/home/keeper/app/lamp.toml'
    const {finding} = await judged(
      (has, added) =>
        has('ProtectHome') && value(added, 'BindReadOnlyPaths') !== '/home/keeper/app'
          ? opened(path, 2)
          : null,
      {
        ...debian,
        show: {
          [unit]: {
            ActiveState: 'failed',
            SubState: 'failed',
            WorkingDirectory: '/home/keeper/app',
          },
        },
      },
    )
    expect(finding?.message).toMatch(/^ProtectHome=yes of /)
    expect(finding?.remedy?.lasting?.text).toBe(
      '[Service]\nProtectHome=tmpfs\nBindReadOnlyPaths=/home/keeper/app',
    )
  })

  it('shows it to be read where that does not do', async () => {
    const {finding, asked} = await judged((has, added) =>
      has('ProtectHome') && value(added, 'ProtectHome') !== 'read-only'
        ? opened('/home/keeper/app/lamp.toml', 2)
        : null,
    )
    expect(finding?.remedy?.lasting?.text).toBe('[Service]\nProtectHome=read-only')
    // Nothing below a home, which may be closed, is bound only because the application told of it.
    const bound = asked.filter(options => value(options.with ?? [], 'BindReadOnlyPaths'))
    expect(bound).toEqual([])
  })

  test.each(['/var/log/a:/srv', '/var/log/a /root/b:/srv', '/var/log/%h', '/var/log/../../root/a'])(
    'gives nothing of %s, which the application told and is no plain path',
    async path => {
      const {finding, asked} = await judged(has => (has('ProtectSystem') ? opened(path, 30) : null))
      expect(finding?.message).toMatch(/^ProtectSystem=/)
      expect(asked.filter(options => (options.with ?? []).length > 0)).toEqual([])
    },
  )

  it('allows the one family of addresses that is missing', async () => {
    const {finding} = await judged((has, added) =>
      has('RestrictAddressFamilies') &&
      !value(added, 'RestrictAddressFamilies').includes('AF_INET6')
        ? raised('OSError', '[Errno 97] Address family not supported by protocol', {errno: 97})
        : null,
    )
    expect(finding?.remedy?.lasting?.text).toBe('[Service]\nRestrictAddressFamilies=AF_INET6')
  })

  it('tells where a call was made that kills, and the group that it belongs to', async () => {
    const {finding} = await judged((has, added) => {
      if (!has('SystemCallFilter') || value(added, 'SystemCallFilter').includes('@resources'))
        return null
      return value(added, 'SystemCallErrorNumber') === 'EPERM' ? denied : {exitCode: null}
    })
    expect(finding?.message).toMatch(/^SystemCallFilter= of .*PermissionError.*lens\.py:3/)
    expect(finding?.remedy?.lasting?.text).toBe('[Service]\nSystemCallFilter=@resources')
  })

  it('gives a device, and only that one', async () => {
    const {finding} = await judged((has, added) =>
      has('PrivateDevices') && value(added, 'BindPaths') !== '/dev/lamp'
        ? opened('/dev/lamp', 2)
        : null,
    )
    expect(finding?.remedy?.lasting?.text).toBe(
      '[Service]\nBindPaths=/dev/lamp\nDeviceAllow=/dev/lamp rw',
    )
  })

  it('finds two that break it together', async () => {
    const {finding} = await judged(has =>
      has('ProtectHome') || has('ProtectSystem') ? denied : null,
    )
    expect(finding?.message).toMatch(
      /^ProtectHome=yes and ProtectSystem=strict of \S+ keep Django from starting: .*; without them the same/,
    )
  })

  it('finds the setting that gives something else than the machine has', async () => {
    const {finding} = await judged((has, added) =>
      has('PrivateTmp') && value(added, 'BindReadOnlyPaths') !== '/tmp/lamp'
        ? opened('/tmp/lamp', 2)
        : null,
    )
    expect(finding?.message).toMatch(/^PrivateTmp=yes of /)
    expect(finding?.remedy?.lasting?.text).toBe('[Service]\nBindReadOnlyPaths=/tmp/lamp')
  })

  test.each(['200/CHDIR', '203/EXEC'])(
    'looks at what systemd itself cannot reach: %s',
    async step => {
      const {finding} = await judged(has => (has('ProtectHome') ? {notStarted: step} : null))
      expect(finding?.message).toMatch(/^ProtectHome=yes of /)
      expect(finding?.message).toContain(step)
    },
  )
})

describe('is silent of the sandbox', () => {
  it('where the start fails without it as well, after three more starts', async () => {
    const {finding, asked} = await judged(() => denied)
    expect(finding).toMatchObject({code: 'start-failed'})
    expect(asked.length).toBe(4)
    // Which is what rules it out.
    expect(finding?.experiments).toMatchObject([
      {
        rulesOut: `the sandbox of ${unit}`,
        outcome: 'the start fails in the same way without it',
        runs: 3,
      },
    ])
  })

  it('where the start succeeds the next time with all of it', async () => {
    let starts = 0
    const {finding} = await judged(() => {
      starts += 1
      return starts === 1 ? denied : null
    })
    expect(finding).toMatchObject({code: 'start-failed', experiments: [{rulesOut: null}]})
  })

  it('where nothing may be left out: for a unit of root', async () => {
    const {host} = failing(() => denied)
    const asUnit: Host['asUnit'] = async (name, argv, options) => {
      if (options?.without) throw new CannotLook('it runs as root')
      return host.asUnit(name, argv, options)
    }
    const [finding] = await verdicts(appSettings, {...host, asUnit})
    expect(finding).toMatchObject({code: 'start-failed'})
  })

  it('and asks nothing where the service is well, or the configuration refuses', async () => {
    const well = failing(() => denied, {show: {}})
    await verdicts(appSettings, well.host)
    expect(well.asked).toEqual([])
    const refused = failing(() => denied)
    await verdicts(appSettings, refused.host, {ask: false}).catch(() => undefined)
    expect(refused.asked).toEqual([])
  })
})

it('says so where the time was over before one was found, and again in its recording', async () => {
  const {host, asked} = failing(has => (has('MemoryDenyWriteExecute') ? denied : null), debian)
  const asUnit: Host['asUnit'] = async (name, argv, options) => {
    if (asked.length >= 4) throw new CannotLook('no time was left')
    return host.asUnit(name, argv, options)
  }
  const recorder = record({...host, asUnit})
  const [finding] = await verdicts(appSettings, recorder.host)
  expect(finding).toMatchObject({code: 'sandbox-part', kind: 'cause'})
  expect(finding?.message).toMatch(
    /without .*MemoryDenyWriteExecute=.* the same start succeeds, and which/,
  )
  const replayed = replayHost(recorder.recording('midship', unit), createSecrets())
  const [again] = await verdicts(appSettings, replayed)
  expect(again?.message).toBe(finding?.message)
})

it('names what a real machine was broken by', async () => {
  const [finding] = await verdicts(appSettings, machine('sandbox-executable-memory'))
  expect(finding).toMatchObject({code: 'sandbox', status: 'critical'})
  expect(finding?.experiments).toMatchObject([
    {outcome: 'the start succeeds without MemoryDenyWriteExecute=', rulesOut: null},
  ])
  expect(finding?.message).toBe(
    `MemoryDenyWriteExecute=yes of ${unit} keeps Django from starting: PermissionError: [Errno 13] Permission denied (lighthouse/lens.py:3); without it the same start succeeds`,
  )
  expect(finding?.remedy?.nix).toBe(
    'systemd.services.prism-django.serviceConfig.MemoryDenyWriteExecute = lib.mkForce false;',
  )
})

it('is recorded, and found again in the recording', async () => {
  const {host} = failing(has => (has('MemoryDenyWriteExecute') ? denied : null), debian)
  const recorder = record(host)
  const [seen] = await verdicts(appSettings, recorder.host)
  const text = formatRecording(recorder.recording('midship', unit))
  const replayed = replayHost(
    parseRecording(text, 'x.json', () => ''),
    createSecrets(),
  )
  const [again] = await verdicts(appSettings, replayed)
  expect(again?.message).toBe(seen?.message)
  expect(again).toMatchObject({code: 'sandbox'})
})

describe('a path that the running service was refused', () => {
  const path = '/srv/uploads/red'
  const logged = (message: string, invocation = '8a42') =>
    ['Internal Server Error: /', 'Traceback (most recent call last):', message].map(text => ({
      ...service(text),
      invocation,
    }))
  const readOnly = `OSError: [Errno 30] Read-only file system: '${path}'`
  /** What a process of the unit may do: whether it is there, and may be read and written. */
  type May = (has: (setting: string) => boolean, added: readonly UnitSetting[]) => string

  async function seen(lines: readonly Line[], may: May, more: Edits = {}) {
    const host = machine('healthy', {
      ...debian,
      ...more,
      stat: {'/srv/uploads/red': null, '/etc/missing': null},
      journal: {[unit]: journal(lines)},
      show: {[unit]: {InvocationID: '8a42', ActiveState: 'active'}},
    })
    const asked: AsUnitOptions[] = []
    const asUnit: Host['asUnit'] = async (name, argv, options = {}) => {
      if (!options.question?.startsWith('access to ')) return host.asUnit(name, argv, options)
      asked.push(options)
      const {without = [], with: added = []} = options
      const stdout = may(each => !without.includes(each), added)
      return {exitCode: 0, stdout: `${stdout}\n`, stderr: ''}
    }
    const one = {...host, asUnit, sandbox: async () => settings, now: () => journalStart}
    return {findings: await verdicts(appSettings, one), asked}
  }

  const written: May = (has, added) => {
    const allowed = added.find(({name}) => name === 'ReadWritePaths')?.value
    return has('ProtectSystem') && allowed !== '/srv/uploads' ? '0 0 0' : '0 0 1'
  }

  it('is named with the setting and the narrowest change', async () => {
    const {findings, asked} = await seen(logged(readOnly), written)
    expect(findings).toMatchObject([
      {
        status: 'warning',
        code: 'sandbox-of-path',
        kind: 'cause',
        explains: expect.arrayContaining(['service/journal']),
        message: `ProtectSystem=strict of ${unit} closes ${path} to the service, which was refused it: ${readOnly}; without it the path is open to it`,
        remedy: {lasting: {text: '[Service]\nReadWritePaths=/srv/uploads'}},
        experiments: [{rulesOut: null}],
      },
    ])
    expect(asked.length).toBeLessThanOrEqual(14)
  })

  it.each([
    ['that nobody opens, with the sandbox or without', logged(readOnly), () => '0 0 0', 2],
    ['of an earlier start', logged(readOnly, '71bc'), written, 0],
    [
      'that is not there',
      logged("FileNotFoundError: [Errno 2] No such file or directory: '/etc/missing'"),
      written,
      0,
    ],
    ['that is none', logged("OSError: [Errno 30] Read-only file system: '/a:/b'"), written, 0],
  ] as const)('is no matter of the sandbox where it is one %s', async (_, lines, may, runs) => {
    const {findings, asked} = await seen(lines, may)
    expect(findings).toMatchObject([{status: 'ok'}])
    expect(asked.length).toBe(runs)
  })
})
