import {describe, expect, test} from 'vitest'
import {appSettings} from '../../../src/checks/app/settings.ts'
import type {DjangoAnswer, ExceptionLink} from '../../../src/facts/django/django.ts'
import type {TargetSettings} from '../../../src/facts/target/target.ts'
import {CannotLook, type ExecAnswer, type HttpAnswer} from '../../../src/host/host.ts'
import {exceptionLink} from '../../exception-link.ts'
import {
  askedSettings,
  askedStart,
  cannotLook,
  codes,
  type DjangoEdit,
  djangoSaid,
  type Edits,
  fixture,
  machine,
  recorded,
  verdicts,
} from '../../machine.ts'

const unit = 'prism-django.service'

/** A start that succeeds, as it was recorded where only the port was taken. */
const started = (edit: DjangoEdit = {}): Edits => ({
  asUnit: {[askedStart]: djangoSaid('port-taken', edit, askedStart)},
})

const failed = {[unit]: {ActiveState: 'failed', SubState: 'failed'}}

function raised(type: string, message: string, more: Partial<ExceptionLink> = {}): ExceptionLink {
  const file = (JSON.parse(djangoSaid('healthy').stdout) as DjangoAnswer).file ?? ''
  return exceptionLink(type, message, {place: {file, line: 7}, ...more})
}

const failing = (stage: string, ...chain: readonly ExceptionLink[]): DjangoEdit => ({
  failures: [{stage, chain: [...chain]}],
})

async function one(edits: Edits, settings: Partial<TargetSettings> = {}, name = 'healthy') {
  // A start that fails is repeated without the sandbox: here there is none.
  const host = machine(name, {sandbox: {[unit]: []}, ...edits})
  const [finding, ...others] = await verdicts(appSettings, host, settings)
  expect(others).toEqual([])
  return finding
}

describe('is silent', () => {
  test('on the healthy machine, and says what it saw', async () => {
    const found = await one({})
    expect(found).toMatchObject({
      status: 'ok',
      message: "Django 4.2.28 on Python 3.13.5 reads prism/settings.py in the unit's environment",
    })
    expect(found?.evidence).toContain('settings: prism.settings')
    // A healthy machine pays for no experiment.
    expect(found?.experiments).toEqual([])
  })

  test('a start that succeeds dry is not what keeps the service from running', async () => {
    const [found] = await verdicts(appSettings, machine('port-taken'))
    expect(found?.experiments).toMatchObject([
      {rulesOut: 'what Django itself needs to start, and its sandbox', runs: 1},
    ])
  })

  test.each([
    'port-taken',
    'postgres-stopped',
    'wrong-password',
    'database-missing',
    'manifest-truncated',
    'static-root-in-store',
  ])('on %s: that is no fault of the start in itself', async name => {
    expect(await codes(appSettings, machine(name))).toEqual(['ok ok'])
  })

  test('of gunicorn, where only our reading of its configuration fails', async () => {
    const library = raised('ImportError', 'x', {own: false})
    expect(await one({...started(), django: failing('server', library)})).toMatchObject({
      status: 'ok',
    })
  })

  test("of what Django's own check --deploy warns of", async () => {
    expect(await one({show: failed, ...started()})).toMatchObject({status: 'ok'})
  })

  test.each(['apps', 'static', 'media', 'migrations', 'deploy'])(
    'of what is put together by hand for the settings alone (%s), where the whole start succeeds',
    async stage => {
      const fails = failing(stage, raised('RuntimeError', 'x'))
      const answer = djangoSaid('healthy', fails)
      expect(
        await one({asUnit: {...started(fails).asUnit, [askedSettings]: answer}}),
      ).toMatchObject({status: 'ok'})
    },
  )
})

describe('how deep it asks', () => {
  const asks = async (
    edits: Edits,
    settings: Partial<TargetSettings> = {},
  ): Promise<readonly string[]> => {
    const host = machine('healthy', {...edits, asUnit: {...started().asUnit, ...edits.asUnit}})
    const asked: string[] = []
    const asUnit: typeof host.asUnit = (name, argv, options) => {
      asked.push(options?.question ?? '')
      return host.asUnit(name, argv, options)
    }
    await verdicts(appSettings, {...host, asUnit}, settings)
    return asked
  }
  const [settings, start] = ['ask Django: settings', 'ask Django: start']

  test('no further than the settings while the service runs well', async () => {
    expect(await asks({})).toEqual([settings])
  })

  test('all the way with --deep, where the service fails, was started again, or a page answers 5xx', async () => {
    expect(await asks({}, {deep: true})).toEqual([settings, start])
    expect(await asks({show: failed})).toEqual([settings, start])
    expect(await asks({show: {[unit]: {NRestarts: '3'}}})).toEqual([settings, start])
    const page =
      Object.keys(fixture('healthy').answers.request ?? {}).find(key =>
        /8000\/admin\/login\/ .*cookie: /.test(key),
      ) ?? ''
    const answer = recorded('healthy', 'request', page) as Extract<HttpAnswer, {kind: 'response'}>
    expect(await asks({request: {[page]: {...answer, status: 500}}})).toEqual([settings, start])
  })

  test('not at all where the configuration refuses', async () => {
    expect(await asks({}, {ask: false}).catch((error: unknown) => error)).toMatchObject({
      name: 'CannotLook',
      privilege: false,
      message: 'Django was not asked: the configuration says ask = false',
    })
  })
})

describe('finds', () => {
  test('every variable that is missing, at once, and leaves it to the secrets', async () => {
    const found = await one({}, {}, 'secret-key-missing')
    expect(found).toMatchObject({
      status: 'critical',
      code: 'missing-variable',
      message: 'the settings cannot be imported without SECRET_KEY (prism/settings.py:8)',
      because: ['secrets/keys', 'secrets/file'],
    })
    const {missing} = JSON.parse(djangoSaid('secret-key-missing').stdout) as DjangoAnswer
    const two: DjangoEdit = {
      missing: missing.flatMap(each => [each, {...each, name: 'SMTP_HOST', place: null}]),
    }
    expect((await one({django: two}))?.message).toBe(
      'the settings cannot be imported without SECRET_KEY (prism/settings.py:8), SMTP_HOST',
    )
  })

  test('settings that cannot be imported, by the exception and its place, as a cause of its own', async () => {
    const found = await one({}, {}, 'module-missing')
    expect(found).toMatchObject({
      status: 'critical',
      code: 'import-failed',
      message:
        "Django does not start in the unit's environment: ModuleNotFoundError: No module named 'decouple' (prism/settings.py:4)",
      because: 'itself',
    })
  })

  test.each(['entry', 'settings', 'server'])(
    'what %s raises, and leaves it to others where the machine may be at fault',
    async stage => {
      const denied = raised('PermissionError', "[Errno 13] Permission denied: '/etc/prism/key'", {
        errno: 13,
      })
      const found = await one({django: failing(stage, denied)})
      expect(found).toMatchObject({status: 'critical', code: 'import-failed'})
      expect(found?.message).toContain("Permission denied: '/etc/prism/key' (prism/settings.py:7)")
      expect(found).not.toHaveProperty('because')
    },
  )

  test.each(['entry', 'start', 'urls', 'checks'])('a start that fails at %s', async stage => {
    const found = await one({
      show: failed,
      ...started(failing(stage, raised('NameError', "name 'wick' is not defined"))),
    })
    expect(found).toMatchObject({status: 'critical', code: 'start-failed', because: 'itself'})
    expect(found?.message).toContain("NameError: name 'wick' is not defined")
  })

  test('an application that cannot be loaded, where no callable was made either', async () => {
    const broken: DjangoEdit = said => ({
      ...said,
      ...(failing('apps', raised('ModuleNotFoundError', "No module named 'wicks'")) as object),
      start: {...said.start, entry: false},
    })
    expect(await one({show: failed, ...started(broken)})).toMatchObject({code: 'start-failed'})
  })

  test('a part that the settings go on without, where something is wrong, and what that explains', async () => {
    const chain = [raised('ModuleNotFoundError', "No module named 'paperboy'")]
    const partial: DjangoEdit = {swallowed: [{module: 'prism.local', chain}]}
    expect(await one({django: partial})).toMatchObject({status: 'ok'})
    expect(await one({show: failed, django: partial})).toMatchObject({
      status: 'critical',
      code: 'import-swallowed',
      message:
        "prism/settings.py goes on without prism.local, which cannot be imported: ModuleNotFoundError: No module named 'paperboy' (prism/settings.py:7)",
      kind: 'cause',
      explains: expect.arrayContaining(['database/*']),
    })
  })

  test("an error of Django's system checks, in its words", async () => {
    const error = {
      id: 'lamps.E001',
      level: 40,
      message: 'The wick is too short.',
      hint: 'Take a longer one.',
      object: 'lamps.Lamp',
    }
    const found = await one({
      show: failed,
      ...started(said => ({...said, start: {...said.start, checks: [error]}})),
    })
    expect(found).toMatchObject({
      status: 'critical',
      code: 'system-check',
      message: "Django's system check finds lamps.Lamp: (lamps.E001) The wick is too short.",
      evidence: ['HINT: Take a longer one.'],
      kind: 'cause',
    })
  })

  test('an interpreter without Django', async () => {
    const chain = [
      raised('ModuleNotFoundError', "No module named 'django'", {place: null, own: false}),
    ]
    const {executable} = JSON.parse(djangoSaid('healthy').stdout) as DjangoAnswer
    const library = executable.replace(/\/bin\/[^/]+$/, '/lib')
    const without = (...versions: string[]): Edits => ({
      django: {django: null, failures: [{stage: 'django', chain}], settings: {}},
      list: {[library]: versions},
    })
    const found = await one(without('python3.13'))
    expect(found).toMatchObject({status: 'critical', code: 'no-django'})
    const upgraded = await one(without('python3.9'))
    expect(upgraded?.message).toMatch(
      /'django'; \/nix\/store\/\S+\/lib has packages for python3\.9, and this is Python 3\.13$/,
    )
    expect(upgraded?.remedy?.summary).toContain('Rebuild')
    expect(found?.message).toMatch(
      /^\/nix\/store\/\S+ has no Django: ModuleNotFoundError: No module named 'django'$/,
    )
  })

  const ended = (more: Partial<ExecAnswer>): Edits => ({
    asUnit: {[askedSettings]: {exitCode: 1, stdout: '', stderr: '', ...more}},
  })

  test('an interpreter that cannot be executed', async () => {
    const stderr = 'Failed to execute /srv/venv/bin/python: Permission denied\n'
    const found = await one(ended({exitCode: 203, notStarted: '203/EXEC', stderr}))
    expect(found).toMatchObject({
      status: 'critical',
      code: 'no-interpreter',
      because: ['service/package'],
    })
    expect(found?.message).toMatch(
      / cannot be executed as the unit would: Permission denied \(203\/EXEC\)$/,
    )
  })

  test.each([
    ['226/NAMESPACE', ['state/directory']],
    ['217/USER', ['service/user']],
    ['200/CHDIR', ['service/package', 'state/directory']],
    ['243/CREDENTIALS', ['secrets/file']],
    ['resources', ['secrets/file']],
    ['231/CAPABILITIES', undefined],
  ])('a process that systemd cannot prepare: %s', async (notStarted, because) => {
    const found = await one(
      ended({notStarted, stderr: 'Failed to set it up: No such file or directory\n'}),
    )
    expect(found).toMatchObject({status: 'critical', code: 'not-prepared'})
    expect(found?.because).toEqual(because)
    expect(found?.evidence).toEqual([notStarted, 'Failed to set it up: No such file or directory'])
  })

  test('what an exception comes from on this machine', async () => {
    const last = {file: '/usr/lib/python3.13/subprocess.py', line: 1039}
    const git = raised('FileNotFoundError', "[Errno 2] No such file or directory: 'git'", {
      errno: 2,
      filename: 'git',
      last,
    })
    const missing = await one({django: failing('settings', git)})
    expect(missing?.message).toContain(`; no directory in the PATH of ${unit} has git`)
    expect(missing?.remedy?.nix).toBe('systemd.services.prism-django.path = [ pkgs.git ];')
    // Nothing to paste that the application has made up.
    const made = await one({django: failing('settings', {...git, filename: 'git ]; x = ['})})
    expect(made?.remedy?.nix ?? '').not.toContain('x = [')
    // A file of that name, and not a program.
    const file = await one({django: failing('settings', {...git, last: null})})
    expect(file?.message).not.toContain('PATH')
    const cgi = raised('ModuleNotFoundError', "No module named 'cgi'", {name: 'cgi'})
    const removed = await one({django: failing('settings', cgi)})
    expect(removed?.message).toMatch(
      /; cgi was part of Python until 3\.12, and this is 3\.13\.\d+$/,
    )
    const zone = raised('ValueError', 'Incorrect timezone setting: US/Pacific')
    expect((await one({django: failing('settings', zone)}))?.message).toMatch(
      /; \/usr\/share\/zoneinfo has no US\/Pacific$/,
    )
    const locale = raised('Error', 'unsupported locale setting')
    const unsupported = await one({django: failing('settings', locale)})
    expect(unsupported?.remedy?.nix).toBe('i18n.extraLocales = "all";')
    const ascii = raised('UnicodeDecodeError', "'ascii' codec can't decode byte 0xc3")
    // No variable of the unit says so: the code may ask for ASCII itself.
    expect((await one({django: failing('settings', ascii)}))?.message).not.toContain('; ')
    const within = async (Environment: string) =>
      (await one({show: {[unit]: {Environment}}, django: failing('settings', ascii)}))?.message
    expect(await within('LANG=de_DE.UTF-8')).not.toContain('; ')
    expect(await within('LANG=en_US.UTF-8 LC_ALL=C PYTHONUTF8=0')).toMatch(
      /; the environment of \S+ has LC_ALL=C and PYTHONUTF8=0$/,
    )
    const apps = raised('AppRegistryNotReady', "Apps aren't loaded yet.")
    expect((await one({django: failing('entry', apps)}))?.message).toMatch(
      /; prism\.wsgi\S* leads there before it has let Django load the applications$/,
    )
  })

  test('an interpreter that ends without an answer', async () => {
    const found = await one(
      ended({exitCode: null, stderr: 'Fatal Python error: Segmentation fault\n'}),
    )
    expect(found).toMatchObject({
      status: 'critical',
      code: 'crashed',
      evidence: ['Fatal Python error: Segmentation fault'],
    })
  })
})

describe('does not know', () => {
  test('without root, and says that root would', async () => {
    await expect(verdicts(appSettings, machine('healthy-unprivileged'))).rejects.toMatchObject({
      privilege: true,
      message: expect.stringMatching(/^Django could not be asked: only root can/),
    })
  })

  test('what did not answer in time', async () => {
    const late = {asUnit: {[askedSettings]: cannotLook('python3 did not end within 10 s')}}
    await expect(one(late)).rejects.toThrow(
      'Django could not be asked: python3 did not end within 10 s',
    )
  })

  test('where nothing names the settings', async () => {
    const unnamed: DjangoEdit = said => ({
      ...said,
      module: null,
      settings: {},
      failures: [{stage: 'module', chain: []}],
    })
    await expect(one({django: unnamed})).rejects.toThrow(
      'nothing names its settings (DJANGO_SETTINGS_MODULE)',
    )
  })

  test('where the start could not be asked', async () => {
    const asUnit = {[askedStart]: cannotLook('python3 did not end within 10 s')}
    await expect(one({show: failed, asUnit})).rejects.toThrow(CannotLook)
  })
})
