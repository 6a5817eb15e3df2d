import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import manifest from '../../package.json' with {type: 'json'}
import {checks} from '../../src/checks/index.ts'
import {commandNames} from '../../src/commands/names.ts'
import {configWaivers} from '../../src/engine/waivers-check.ts'
import {renderExplanation} from '../../src/report/reporters/explanation.ts'
import {formats} from '../../src/report/reporters/index.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {invalidities} from '../valid.ts'
import {scratch, writeWithoutUnit} from './machines.ts'
import {prismDoctor} from './run.ts'

const directory = scratch()
let recording = ''

beforeAll(async () => {
  recording = await writeWithoutUnit(directory)
})

/** One sentence for a person on stderr, never coloured; nothing on stdout; "could not start". */
async function refusal(...args: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await prismDoctor(args, {FORCE_COLOR: '1'})
  expect({code, stdout}).toEqual({code: 3, stdout: ''})
  expect(stderr).toMatch(/^prism-doctor: [^\n]+\n$/)
  return stderr.slice('prism-doctor: '.length, -1)
}

const noSeconds = ['-5', '0', '3601', '1e9', '1.5', '']
const notSeconds = (given: string): string =>
  `--timeout: "${given}" is not a whole number of seconds from 1 to 3600; \`prism-doctor help diagnose\` says more`

describe('what cannot be started exits 3 and says what to do', () => {
  test.each<[args: readonly string[], sentence: string | null]>([
    [['--bogus'], 'there is no flag --bogus; `prism-doctor help diagnose` lists them'],
    [
      ['--jsno'],
      'there is no flag --jsno; did you mean --json? `prism-doctor help diagnose` lists them',
    ],
    [['record', '--verbose'], 'there is no flag --verbose; `prism-doctor help record` lists them'],
    [['--timeout', 'soon'], notSeconds('soon')],
    ...noSeconds.map((seconds): [string[], string] => [
      [`--timeout=${seconds}`],
      notSeconds(seconds),
    ]),
    [
      ['record', '--timeout', '-5'],
      '--timeout: "-5" is not a whole number of seconds from 1 to 3600; `prism-doctor help record` says more',
    ],
    [['--unit'], '--unit needs a value; `prism-doctor help diagnose` says more'],
    [
      ['--unit', 'a', '--unit', 'b'],
      '--unit can be given only once; `prism-doctor help diagnose` says more',
    ],
    [['--json=yes', '--format', 'text'], '--json takes no value; leave out "=yes"'],
    [['checks', '--json=yes'], '--json takes no value; leave out "=yes"'],
    [
      ['-v'],
      'there is no flag -v; did you mean --verbose? `prism-doctor help diagnose` lists them',
    ],
    [
      ['--config='],
      '--config: the name of the file is empty; `prism-doctor help diagnose` says more',
    ],
    [
      ['--format', 'yaml'],
      `--format does not know "yaml"; choose ${[formats.slice(0, -1).join(', '), formats.at(-1)].join(' or ')}; \`prism-doctor help diagnose\` says more`,
    ],
    [
      ['servise'],
      'there is no check or group "servise"; did you mean service? `prism-doctor checks` lists them',
    ],
    [
      ['--skip', 'nonsense-of-this-kind'],
      'there is no check or group "nonsense-of-this-kind"; `prism-doctor checks` lists them',
    ],
    [['--yes'], '--yes needs --fix; `prism-doctor help diagnose` says more'],
    [
      ['--replay=/long/path', '--fix', '--dry-run'],
      '--replay and --dry-run exclude each other, --replay and --fix exclude each other; `prism-doctor help diagnose` says more',
    ],
    ...[['--disruptive'], ['--fix', '--disruptive'], ['--dry-run', '--disruptive']].map(
      (args): [string[], string] => [
        args,
        '--disruptive needs --yes; `prism-doctor help diagnose` says more',
      ],
    ),
    [
      ['fix'],
      'there is no check or group "fix"; did you mean --fix? `prism-doctor checks` lists them',
    ],
    [
      ['databse', '--skip', 'database'],
      'there is no check or group "databse"; did you mean database? `prism-doctor checks` lists them',
    ],
    [
      ['database', '--skip', 'database'],
      'database is left out, so there is nothing to look at; skip fewer',
    ],
    [
      ['database/login', 'http', '--skip', 'database', '--skip', 'http'],
      'database/login and http are left out, so there is nothing to look at; skip fewer',
    ],
    [
      ['explain'],
      'explain needs a check, as `prism-doctor checks` lists them; `prism-doctor help explain` says more',
    ],
    [
      ['explain', 'service/unti'],
      'there is no check "service/unti"; did you mean service/unit? `prism-doctor checks` lists them',
    ],
    [
      ['explain', 'service/unit', 'more'],
      'explain does not take more; `prism-doctor help explain` shows what it takes',
    ],
    [
      ['help', 'recrod'],
      'there is no command "recrod"; did you mean record? `prism-doctor help` lists them',
    ],
    [
      ['explian', '--help'],
      'there is no command "explian"; did you mean explain? `prism-doctor help` lists them',
    ],
    [
      ['help', 'run', 'undo'],
      'help does not take undo; `prism-doctor help help` shows what it takes',
    ],
    [
      ['completion'],
      'completion needs bash, zsh or fish; `prism-doctor help completion` says more',
    ],
    [
      ['completion', 'fihs'],
      'completion does not know "fihs"; did you mean fish? choose bash, zsh or fish; `prism-doctor help completion` says more',
    ],
    [['--unit', 'shop', 'record'], 'record is a command, and comes first: prism-doctor record ...'],
    [
      ['version'],
      'there is no check or group "version"; did you mean --version? `prism-doctor checks` lists them',
    ],
    [['run'], 'run needs a command, as in: sudo prism-doctor run -- manage check'],
    [
      ['run', '--bogus', '--', 'true'],
      'there is no flag --bogus; `prism-doctor help run` lists them',
    ],
    // No root, or no systemd.
    [['run', '--unit', 'none', '--', 'true'], null],
    [
      ['--unit', '../evil'],
      '--unit "../evil" is a path, not the name of a unit; give it as in prism-django.service',
    ],
    [['--unit', '.'], '--unit "." is not the name of a unit; give it as in prism-django.service'],
    [
      ['--unit', 'dbus.socket'],
      '--unit "dbus.socket" is a socket, not a service; give the service that runs the application',
    ],
    [
      ['explian'],
      'there is no check or group "explian"; did you mean the command explain? `prism-doctor checks` lists them',
    ],
    [
      ['login'],
      'there is no check or group "login"; did you mean database/login? `prism-doctor checks` lists them',
    ],
    [
      ['--skip', 'state/owner'],
      'there is no check or group "state/owner"; did you mean state/ownership? `prism-doctor checks` lists them',
    ],
    [
      ['explain', 'supperuser'],
      'there is no check "supperuser"; did you mean app/superuser? `prism-doctor checks` lists them',
    ],
    [
      ['help', 'login'],
      'there is no command "login"; did you mean the check database/login? `prism-doctor help` lists them',
    ],
  ])('%j', async (args, sentence) => {
    const said = await refusal(...args)
    if (sentence !== null) expect(said).toBe(sentence)
  })

  test('everything left out', async () => {
    const groups = [...new Set(checks.map(({id}) => id.split('/')[0] ?? ''))]
    const skips = groups.flatMap(group => ['--skip', group])
    expect(await refusal('--replay', recording, ...skips)).toContain('nothing to look at')
  })
})

describe('--replay', () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }

  test('of a file that is not there', async () => {
    expect(await refusal('--replay', '/nowhere')).toBe(
      'the recording /nowhere does not exist; check the path',
    )
  })

  test('of a directory', async () => {
    expect(await refusal('--replay', directory)).toBe(
      `the recording ${directory} is not a regular file; give the path of one`,
    )
  })

  test('of a FIFO that nobody writes to', async () => {
    const fifo = join(directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    expect(await refusal('--replay', fifo)).toContain('is not a regular file')
  })

  test('of a device', async () => {
    expect(await refusal('--replay', '/dev/zero')).toContain('is not a regular file')
  })

  test.each([
    ['no JSON', '{"recording": 1'],
    ['nothing', ''],
    ['null', 'null'],
    ['another document', '{"name": "prism"}'],
    ['an earlier version', '{"recording": 1, "host": "x", "uid": 0, "answers": {}}'],
    ['a later version', '{"recording": 3, "host": "x", "uid": 0, "answers": {}}'],
    [
      'answers that are none',
      '{"recording": 2, "tool": "x", "host": "x", "unit": "x", "uid": 0, "recordedAt": "2026-11-23T08:00:00Z", "answers": {"exec": {"a": 1}}}',
    ],
  ])('of %s', async (name, text) => {
    expect(await refusal('--replay', file(`${name}.json`, text))).toContain(
      'make one with `prism-doctor record --output FILE`',
    )
  })

  test('tells what a recorded machine told', async () => {
    const {code, stdout, stderr} = await prismDoctor(['--replay', recording])
    expect({code, stderr}).toEqual({code: 2, stderr: ''})
    expect(stdout).toContain('systemd has no unit prism-django.service')
    expect(stdout).toContain('\n  More: prism-doctor explain service/unit\n')
  })
})

describe('--json', () => {
  const document = (
    stdout: string,
  ): {status: string; error: unknown; checks: readonly unknown[]} => {
    const report = JSON.parse(stdout)
    expect(invalidities(report)).toEqual([])
    return report
  }

  test.each([
    [['--json']],
    [['--format', 'json']],
    [['--format=json']],
    [['diagnose', '--json', 'service']],
  ])('%j', async flags => {
    const {code, stdout, stderr} = await prismDoctor([...flags, '--replay', recording])
    expect(document(stdout)).toMatchObject({
      status: 'critical',
      error: null,
      host: 'midship',
      rootCauses: ['service/unit'],
    })
    expect({code, stderr}).toEqual({code: 2, stderr: ''})
  })

  test.each([
    [['--bogus']],
    [['nonsense']],
    [['--replay', '/nowhere']],
    [['--config', '/nowhere']],
    [['--output', '/nowhere/report.json']],
  ])('when the run fails: %j', async args => {
    const {code, stdout, stderr} = await prismDoctor(['--json', ...args])
    const {status, error, checks: none} = document(stdout)
    expect({code, status, none}).toEqual({code: 3, status: 'unknown', none: []})
    expect(stderr).toBe(`prism-doctor: ${(error as {message: string}).message}\n`)
  })

  test('of this machine, whatever it is', async () => {
    const {code, stdout} = await prismDoctor(['--json', 'service/unit'])
    const {status} = document(stdout)
    expect(code).toBe({ok: 0, warning: 1, critical: 2, unknown: 3}[status])
  })

  test.each([
    [['--dry-run']],
    [['--dry-run', '--yes']],
    [['--dry-run', '--yes', '--disruptive']],
    [['--fix', '--dry-run', '--yes', '--disruptive']],
  ])('%j plans and changes nothing', async flags => {
    const {stdout} = await prismDoctor(['--json', ...flags, 'service/unit'])
    expect(document(stdout)).toMatchObject({fix: {run: null, dryRun: true, steps: []}})
  })

  test('a recorded machine cannot be repaired', async () => {
    const {code, stderr} = await prismDoctor(['--dry-run', '--replay', recording])
    expect({code, stderr}).toMatchObject({code: 3, stderr: expect.stringContaining('--replay')})
  })

  test('is never coloured', async () => {
    const {stdout} = await prismDoctor(['--json', '--replay', recording], {FORCE_COLOR: '3'})
    expect(stdout).not.toContain('\x1b')
  })
})

describe('--output', () => {
  test('writes the whole answer, mode 0640, and nothing to stdout', async () => {
    const file = join(directory, 'report.json')
    const {code, stdout} = await prismDoctor(['--json', '--replay', recording, '--output', file])
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(invalidities(JSON.parse(readFileSync(file, 'utf8')))).toEqual([])
    expect(statSync(file).mode & 0o7777).toBe(0o640)
  })

  test('replaces a file, whatever its mode was, and is never coloured', async () => {
    const file = join(directory, 'replaced.txt')
    writeFileSync(file, 'before')
    chmodSync(file, 0o644)
    const {ino} = statSync(file)
    await prismDoctor(['--replay', recording, '--output', file], {FORCE_COLOR: '1'})
    expect(readFileSync(file, 'utf8')).toMatch(/^✖ One thing is wrong in this recording /)
    expect(readFileSync(file, 'utf8')).not.toContain('\x1b')
    expect(statSync(file).mode & 0o7777).toBe(0o640)
    expect(statSync(file).ino).not.toBe(ino)
  })

  test.each(['diagnose', 'record'])(
    '%s puts no file in the place of what is none',
    async command => {
      const directoryInTheWay = join(directory, `${command}-directory`)
      mkdirSync(directoryInTheWay)
      const link = join(directory, `${command}-link`)
      symlinkSync(recording, link)
      const pipe = join(directory, `${command}-pipe`)
      execFileSync('mkfifo', [pipe])
      for (const taken of [directoryInTheWay, link, pipe]) {
        const {ino} = lstatSync(taken)
        expect(await refusal(command, '--output', taken)).toContain(
          `${taken} is there and is no regular file`,
        )
        expect(lstatSync(taken).ino).toBe(ino)
      }
    },
  )

  test('leaves nothing behind when it cannot write', async () => {
    expect(
      await refusal('--replay', recording, '--output', join(directory, 'missing', 'x')),
    ).toContain('(ENOENT)')
    expect(readdirSync(directory).filter(name => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('colour', () => {
  test('only where it is asked for, without a terminal', async () => {
    const run = (env: Record<string, string>) => prismDoctor(['--replay', recording], env)
    expect((await run({})).stdout).not.toContain('\x1b')
    expect((await run({FORCE_COLOR: '1'})).stdout).toContain('\x1b[31m')
    expect((await run({FORCE_COLOR: '0'})).stdout).not.toContain('\x1b')
  })

  test.each([
    ['help'],
    ['--help'],
    ['checks'],
    ['explain service/unit'],
    ['diagnose --help'],
    ['help run'],
  ])('%s on a terminal', async args => {
    expect(await onTerminal(args, {NO_COLOR: '1'})).not.toMatch(/\x1b\[\d+m/)
    expect(await onTerminal(args, {TERM: 'dumb'})).not.toMatch(/\x1b\[\d+m/)
    expect(await onTerminal(args, {NO_COLOR: ''})).toMatch(/\x1b\[\d+m/)
    expect(await onTerminal(args, {NO_COLOR: '1', FORCE_COLOR: '1'})).toMatch(/\x1b\[\d+m/)
    const {stdout} = await prismDoctor(args.split(' '))
    expect(stdout).not.toContain('\x1b')
  })

  test('the verdict on a terminal', async () => {
    const args = `--replay ${recording}`
    expect(await onTerminal(args, {})).toContain('\x1b[31m✖')
    const dumb = await onTerminal(args, {TERM: 'dumb'})
    expect(dumb).toMatch(/^x One thing is wrong/)
    expect(dumb).not.toMatch(/\x1b|[^\x00-\x7f]/)
    const plain = await onTerminal(args, {LANG: 'C', NO_COLOR: '1'})
    expect(plain).toMatch(/^x service {3}0 of 7 ok, 1 critical, 6 skipped\n/m)
    expect(plain).toMatch(/\n\nx One thing is wrong/)
  })

  test('the tree is drawn unless the answer goes through a pipe, where a pager may be', async () => {
    const file = join(directory, 'tree.txt')
    const drawn = await onTerminal(`--json --replay ${recording} > ${file}`, {})
    expect(drawn).toContain('service   ')
    expect(JSON.parse(readFileSync(file, 'utf8')).status).toBe('critical')
    expect(await onTerminal(`--replay ${recording} | cat`, {})).toMatch(/^✖ One thing is wrong/)
  })
})

/** Runs the program on a terminal of its own (util-linux's script). */
async function onTerminal(args: string, env: Readonly<Record<string, string>>): Promise<string> {
  const command = `${process.execPath} bin/run.js ${args}`
  return execFileSync('script', ['-qc', command, '/dev/null'], {
    cwd: new URL('../..', import.meta.url),
    env: {PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env},
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).replaceAll('\r\n', '\n')
}

describe('the other commands', () => {
  test.each([[['--version']], [['--json', '--version']], [['record', '--version']]])(
    '%j',
    async args => {
      expect(await prismDoctor(args)).toEqual({
        code: 0,
        stdout: `prism-doctor/${manifest.version} linux-${process.arch} node-v${process.versions.node}\n`,
        stderr: '',
      })
    },
  )

  test.runIf(process.getuid?.() === 0)(
    'a user whom no user database knows is served like any other',
    () => {
      const answered = execFileSync(process.execPath, ['bin/run.js', '--version'], {
        cwd: new URL('../..', import.meta.url),
        env: {PATH: process.env.PATH},
        uid: 54_321,
        gid: 54_321,
        encoding: 'utf8',
      })
      expect(answered).toContain(`prism-doctor/${manifest.version}`)
    },
  )

  test('help', async () => {
    const answers = await Promise.all([['help'], ['--help'], ['-h']].map(args => prismDoctor(args)))
    const [first] = answers
    for (const answer of answers) expect(answer).toEqual(first)
    expect(first).toMatchObject({code: 0, stderr: ''})
    expect(first?.stdout).toContain('\n  prism-doctor [CHECK|GROUP ...] [FLAGS]\n')
    for (const command of commandNames) {
      const [asked, flag, short] = await Promise.all([
        prismDoctor(['help', command]),
        prismDoctor([command, '--help']),
        prismDoctor([command, '-h']),
      ])
      expect(asked).toMatchObject({code: 0, stderr: ''})
      expect(asked.stdout).toContain('EXAMPLES\n')
      expect(asked.stdout).toContain('EXIT CODES\n')
      expect([flag, short]).toEqual([asked, asked])
    }
  })

  test.each([
    [['--json', '--help']],
    [['database', '-h']],
    [['http/app', '--unit', 'x', '--help']],
  ])('%j is the help of the default command', async args => {
    expect(await prismDoctor(args)).toEqual(await prismDoctor(['help', 'diagnose']))
  })

  test('checks', async () => {
    const {code, stdout} = await prismDoctor(['checks'])
    expect(code).toBe(0)
    const said = stdout.replace(/\s+/g, ' ')
    for (const {id, title, fix} of checks) {
      expect(said).toContain(`${id} ${title} `)
      if (fix !== undefined) expect(said).toContain(`--fix ${fix} `)
    }
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
    const {stdout: json} = await prismDoctor(['checks', '--json'])
    expect(JSON.parse(json).map(({id}: {id: string}) => id)).toEqual(checks.map(({id}) => id))
  })

  // What is said of each is held in test/report/reporters/explanation.test.ts.
  test.each([checks[0], checks.at(-1), configWaivers])('explain $id', async check => {
    if (check === undefined) throw new Error('there is no check')
    const {code, stdout} = await prismDoctor(['explain', check.id])
    expect({code, stdout}).toEqual({code: 0, stdout: await renderExplanation(check, plainTerminal)})
  })

  test('a group, the default command and its name are the same', async () => {
    const [implied, named] = await Promise.all([
      prismDoctor(['service', '--json', '--replay', recording]),
      prismDoctor(['diagnose', 'service', '--json', '--replay', recording]),
    ])
    const ids = ({stdout}: {stdout: string}): readonly string[] =>
      JSON.parse(stdout).checks.map(({id}: {id: string}) => id)
    expect(ids(implied)).toEqual(ids(named))
    expect(ids(implied)).toContain('service/unit')
  })

  test('record, and what it recorded replayed', async () => {
    const file = join(directory, 'recorded.json')
    const {code, stdout, stderr} = await prismDoctor(['record', '--output', file])
    expect({code, stdout, stderr}).toEqual({code: 0, stdout: '', stderr: ''})
    const [here, there] = await Promise.all([
      prismDoctor(['--json']),
      prismDoctor(['--json', '--replay', file]),
    ])
    expect(JSON.parse(there.stdout).status).toBe(JSON.parse(here.stdout).status)
  })

  test('a reader that goes away is no failure', () => {
    const command = `set -o pipefail; ${process.execPath} bin/run.js help | head -1`
    expect(() =>
      execFileSync('bash', ['-c', command], {cwd: new URL('../..', import.meta.url)}),
    ).not.toThrow()
  })
})

describe('configuration', () => {
  const config = (text: string): string => {
    const file = join(directory, 'config.toml')
    writeFileSync(file, text, {mode: 0o644})
    return file
  }

  test('an unknown key stops the run and names its line', async () => {
    const file = config('timeout = 5\nskp = ["app"]\n')
    expect(await refusal('--config', file, '--replay', recording)).toMatch(
      /unknown key "skp"|can be written by others/,
    )
  })

  test('no device or FIFO is to be given to root', async () => {
    const fifo = join(directory, 'open-fifo')
    execFileSync('mkfifo', ['-m', '666', fifo])
    for (const file of ['/dev/null', fifo])
      expect(await refusal('--config', file, '--replay', recording)).toBe(
        `the configuration ${file} is not a regular file; give the path of one`,
      )
  })

  test.runIf(process.getuid?.() === 0)(
    'as root, one that others can write is refused',
    async () => {
      const file = config('timeout = 5\n')
      chmodSync(file, 0o666)
      expect(await refusal('--config', file, '--replay', recording)).toContain(
        'can be written by others than root',
      )
      chmodSync(file, 0o644)
    },
  )

  test('a check that it names and that does not exist', async () => {
    const file = config('skip = ["servise"]\n')
    expect(await refusal('--config', file, '--replay', recording)).toMatch(
      /config\.toml:1: "skip\.0": .*did you mean service|can be written by others/,
    )
    const waiver = '[[waiver]]\nreason = "x"\nuntil = 2030-01-01\ncheck = "databse/login"\n'
    expect(await refusal('--config', config(waiver), '--replay', recording)).toMatch(
      /config\.toml:4: "waiver\.0\.check": .*did you mean database\/login|can be written by others/,
    )
  })

  test('a unit that it names and that is none, and a day that there is not', async () => {
    expect(await refusal('--config', config('unit = ".."\n'), '--replay', recording)).toMatch(
      /config\.toml:1: unit = "\.\." is not the name of a unit|can be written by others/,
    )
    const waiver = '[[waiver]]\nreason = "x"\nuntil = 2026-02-31\ncheck = "app"\n'
    expect(await refusal('--config', config(waiver), '--replay', recording)).toMatch(
      /config\.toml:3: 2026-02-31 is not a day that the calendar has|can be written by others/,
    )
  })

  test.runIf(process.getuid?.() === 0)(
    "as root, one below another user's directory is refused, also by a link",
    async () => {
      const theirs = join(directory, 'theirs')
      const below = join(theirs, 'below')
      mkdirSync(below, {recursive: true})
      const file = join(below, 'config.toml')
      writeFileSync(file, 'timeout = 5\n', {mode: 0o644})
      const link = join(directory, 'linked.toml')
      symlinkSync(file, link)
      for (const named of [file, link])
        expect((await prismDoctor(['--config', named, '--replay', recording])).code).toBe(2)
      chownSync(theirs, 12_345, 0)
      for (const named of [file, link])
        expect(await refusal('--config', named, '--replay', recording)).toBe(
          `the configuration ${named} lies below ${theirs}, which can be written by others than root (uid 12345, mode 755); move it to /etc/prism-doctor/config.toml`,
        )
    },
  )
})
