import {expect, test} from 'vitest'
import {parseConfig} from '../../src/cli/config.ts'
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

[nixos]
flake = "/etc/nixos#midship"
secrets = "hosts/midship.yaml"
`
  expect(await parseConfig(text, 'config')).toMatchObject({
    timeout: 10,
    target: {hosts: ['prism.example.org']},
    django: {ask: false},
    nixos: {flake: '/etc/nixos#midship', secrets: 'hosts/midship.yaml'},
  })
})

test.each([
  [
    'unknown key',
    'unit = "a.service"\ntimeuot = 3\n',
    'config:2: unknown key "timeuot"; remove it or correct its spelling',
  ],
  [
    'unknown key in a table',
    '# first\n\n[target]\nbind = "x"\nstatic_rot = "/x"\n',
    'config:5: unknown key "target.static_rot"; remove it or correct its spelling',
  ],
  ['no truth value', '[django]\nask = "no"\n', 'config:2: "django.ask" must be boolean, not "no"'],
  [
    'unknown table',
    'timeout = 3\n\n[nixso]\nflake = "x"\n',
    'config:3: unknown key "nixso"; remove it or correct its spelling',
  ],
  [
    'dotted key',
    'timeout = 3\ntarget.bnd = "x"\n',
    'config:2: unknown key "target.bnd"; remove it or correct its spelling',
  ],
  ['wrong type', 'timeout = "3"\n', 'config:1: "timeout" must be a number, not "3"'],
  [
    'wrong type in a table',
    '[target]\nhosts = "a"\n',
    'config:2: "target.hosts" must be an array, not "a"',
  ],
  ['wrong type in an array', 'skip = [1]\n', 'config:1: "skip.0" must be a string, not 1'],
  ['out of range', 'timeout = 0\n', 'config:1: "timeout" must be at least 1 second'],
  [
    'a relative path',
    '[target]\nstatic_root = "static"\n',
    'config:2: "target.static_root" must be an absolute path',
  ],
  [
    'longer than --timeout may be',
    'timeout = 9999999\n',
    'config:1: "timeout" must be at most 3600 seconds',
  ],
  ['no end', 'timeout = inf\n', 'config:1: "timeout" must be at most 3600 seconds'],
  [
    'no address',
    '[target]\nbind = "here or there"\n',
    'config:2: "target.bind" must be an address as gunicorn takes it, like 127.0.0.1:8000',
  ],
  [
    'unknown key in a table on one line',
    'timeout = 3\ntarget = {static_rot = "/x"}\n',
    'config:2: unknown key "target.static_rot"; remove it or correct its spelling',
  ],
  [
    'quoted key after a value of several lines',
    'unit = """\na.service"""\n"tar get" = 1\n',
    'config:3: unknown key "tar get"; remove it or correct its spelling',
  ],
  [
    'line ends of another system',
    'timeout = 3\r\nskip = "a"\r\n',
    'config:2: "skip" must be an array, not "a"',
  ],
  ['no unit', 'unit = "nginx.socket"\n', 'config:1: "unit" must be the name of a service unit'],
])('%s', async (_, text, message) => {
  expect(await complaint(text)).toBe(message)
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
    'config:119992: "waiver.19998.status" must be "warning" or "critical"',
  )
})
