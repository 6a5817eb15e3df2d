import {expect, test} from 'vitest'
import {assertValue, parseConfig} from '../../src/cli/config.ts'
import {UsageError} from '../../src/report/usage-error.ts'

const complaint = async (text: string): Promise<string> => {
  const error = await parseConfig(text, '/etc/prism-doctor/config.toml').then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UsageError)
  return (error as UsageError).message.replace('/etc/prism-doctor/config.toml', 'config')
}

test('everything is optional', async () => {
  expect(await parseConfig('', 'config')).toEqual({})
})

test('all that there is', async () => {
  const text = `
unit = "prism-django.service"
timeout = 10
skip = ["app", "http/proxy"]

[target]
package = "/nix/store/x"
state_directory = "/var/lib/prism-django"
static_root = "/var/lib/prism-django/staticfiles"
bind = "127.0.0.1:8000"
hosts = ["prism.example.org"]

[django]
ask = false

[history]
keep = false

[nixos]
flake = "/etc/nixos#midship"
secrets = "hosts/midship.yaml"
`
  expect(await parseConfig(text, 'config')).toMatchObject({
    timeout: 10,
    target: {hosts: ['prism.example.org']},
    django: {ask: false},
    history: {keep: false},
    nixos: {flake: '/etc/nixos#midship', secrets: 'hosts/midship.yaml'},
  })
})

test.each([
  [
    'unknown key',
    'unit = "a.service"\ntimeuot = 3\n',
    'config:2: unknown key "timeuot"; did you mean timeout? remove it or correct its spelling',
  ],
  [
    'unknown key in a table',
    '# first\n\n[target]\nbind = "x"\nstatic_rot = "/x"\n',
    'config:5: unknown key "target.static_rot"; did you mean static_root? remove it or correct its spelling',
  ],
  [
    'no truth value',
    '[django]\nask = "no"\n',
    'config:2: "django.ask" must be true or false, not "no"',
  ],
  [
    'unknown table',
    'timeout = 3\n\n[nixso]\nflake = "x"\n',
    'config:3: unknown key "nixso"; did you mean nixos? remove it or correct its spelling',
  ],
  [
    'dotted key',
    'timeout = 3\ntarget.bnd = "x"\n',
    'config:2: unknown key "target.bnd"; did you mean bind? remove it or correct its spelling',
  ],
  ['wrong type', 'timeout = "3"\n', 'config:1: "timeout" must be a number, not "3"'],
  [
    'wrong type in a table',
    '[target]\nhosts = "a"\n',
    'config:2: "target.hosts" must be an array, not "a"',
  ],
  ['wrong type in an array', 'skip = [1]\n', 'config:1: "skip.0" must be a string, not 1'],
  ['out of range', 'timeout = 0\n', 'config:1: "timeout" must be at least 1 second, not 0'],
  [
    'a relative path',
    '[target]\nstatic_root = "static"\n',
    'config:2: "target.static_root" must be an absolute path, not "static"',
  ],
  [
    'longer than --timeout may be',
    'timeout = 9999999\n',
    'config:1: "timeout" must be at most 3600 seconds, not 9999999',
  ],
  ['no end', 'timeout = inf\n', 'config:1: "timeout" must be at most 3600 seconds, not Infinity'],
  [
    'no address',
    '[target]\nbind = "here or there"\n',
    'config:2: "target.bind" must be an address as gunicorn takes it, like 127.0.0.1:8000, not "here or there"',
  ],
  [
    'unknown key in a table on one line',
    'timeout = 3\ntarget = {static_rot = "/x"}\n',
    'config:2: unknown key "target.static_rot"; did you mean static_root? remove it or correct its spelling',
  ],
  [
    'quoted key after a value of several lines',
    'unit = """\na.service"""\n"tar get" = 1\n',
    'config:3: unknown key "tar get"; did you mean target? remove it or correct its spelling',
  ],
  [
    'line ends of another system',
    'timeout = 3\r\nskip = "a"\r\n',
    'config:2: "skip" must be an array, not "a"',
  ],
  [
    'no unit',
    'unit = "nginx.socket"\n',
    'config:1: unit = "nginx.socket" is a socket, not a service; give the service that runs the application',
  ],
  [
    'no such day',
    '[[waiver]]\ncheck = "app/deploy"\nreason = "x"\nuntil = 2026-02-31 # "2026-02-30"\n',
    'config:4: 2026-02-31 is not a day that the calendar has; correct it',
  ],
  [
    'no such day, with a time, in a table on one line',
    'skip = [\n "app"\n]\nwaiver = [{check = "2026-02-30", reason = "x", until = 2025-02-29T10:00:00Z}]\n',
    'config:4: 2025-02-29 is not a day that the calendar has; correct it',
  ],
  [
    'no such day, in quotes',
    '[[waiver]]\ncheck = "app/deploy"\nreason = "x"\nuntil = "2026-02-31"\n',
    'config:4: "waiver.0.until" must be a day that the calendar has, not "2026-02-31"',
  ],
  ['no table', 'target = []\n', 'config:1: "target" must be a table, not an array'],
  ['no array', '[waiver]\ncheck = "a"\n', 'config:1: "waiver" must be an array, not a table'],
  ['a date', 'timeout = 2026-12-31\n', 'config:1: "timeout" must be a number, not a date'],
  [
    'a port that there is not',
    '[target]\nbind = ":99999"\n',
    'config:2: "target.bind" must be an address as gunicorn takes it, like 127.0.0.1:8000, not ":99999"',
  ],
  [
    'a path with an end in it',
    '[target]\npackage = "/a\\u0000b"\n',
    'config:2: "target.package" must be a path without control characters, not "/a\\u0000b"',
  ],
  ['nothing', '[nixos]\nflake = ""\n', 'config:2: "nixos.flake" must not be empty'],
])('%s', async (_, text, message) => {
  expect(await complaint(text)).toBe(message)
})

test('a date in a text or a comment is none', async () => {
  const waiver = "check = \"a/b\"\nreason = '''2026-02-31\n\" 2026-02-31''' # 2026-02-31\n"
  const text = `[[waiver]]\n${waiver}until = 2028-02-29\n`
  expect(await parseConfig(text, 'config')).toMatchObject({waiver: [{until: '2028-02-29'}]})
})

test('the last of 20,000 waivers is told by its line', async () => {
  const waiver = '[[waiver]]\ncheck = "a/b"\nreason = "x"\nuntil = 2026-12-31\n\n'
  expect(await complaint(`${waiver.repeat(20_000)}unti = 1\n`)).toBe(
    'config:100001: unknown key "waiver.19999.unti"; did you mean until? remove it or correct its spelling',
  )
})

test('the line of a value that is told later', async () => {
  const config = await parseConfig('\nskip = [\n  "app",\n]\n', 'config')
  expect(() =>
    assertValue(config, ['skip', '0'], () => {
      throw new UsageError('there is no such check')
    }),
  ).toThrow('config:2: "skip.0": there is no such check')
})

test('no TOML: the line and what is wrong with it', async () => {
  expect(await complaint('timeout = 3\nskip = [\n')).toMatch(/^config:[23]: .*; correct the line$/)
  expect(await complaint('timeout = = 3\n')).toMatch(/^config:1: /)
})

test('a fault in a file of 120,000 lines', async () => {
  const waivers = Array.from(
    {length: 20_000},
    (_, index) =>
      `[[waiver]]\ncheck = "a/b"\nfinding = "x${index}"\nstatus = "warning"\nreason = "r"\nuntil = 2027-01-01\n`,
  )
  waivers[19_998] = waivers[19_998]?.replace('"warning"', '"mild"') ?? ''
  expect(await complaint(waivers.join(''))).toBe(
    'config:119992: "waiver.19998.status" must be "warning" or "critical", not "mild"',
  )
})
