import {execFileSync, spawn} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {allManuals} from '../../scripts/man.ts'
import {checks} from '../../src/checks/index.ts'
import {bashScript} from '../../src/cli/completion/bash.ts'
import {fishScript} from '../../src/cli/completion/fish.ts'
import {grammarOf, journals} from '../../src/cli/completion/grammar.ts'
import {zshScript} from '../../src/cli/completion/zsh.ts'
import {groupOf} from '../../src/report/finding.ts'
import {installed} from '../programs.ts'

const manuals = await allManuals()
const ids = checks.map(({id}) => id)
const groups = [...new Set(ids.map(groupOf))]
const formats = ['text', 'json', 'junit']

/** As the program is, with formats of the test and an --output that takes one of them. */
const grammar = grammarOf(
  manuals.map(manual => ({
    ...manual,
    flags: manual.flags.map(flag => {
      if (flag.name === 'format') return {...flag, options: formats}
      const takesFormat = flag.name === 'output' && manual.name === 'diagnose'
      return takesFormat ? {...flag, value: '[FORMAT:]FILE', repeatable: true} : flag
    }),
  })),
  {checks, groups, formats},
)

const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-completion-'))
afterAll(() => rmSync(directory, {recursive: true, force: true}))

const scripts = {bash: bashScript(grammar), zsh: zshScript(grammar), fish: fishScript(grammar)}
for (const [shell, script] of Object.entries(scripts))
  writeFileSync(join(directory, shell), script.replaceAll(journals, join(directory, 'runs')))

// Newest first is the order of neither a directory nor an alphabet.
const runs = ['20261123T080000Z-4f1c', '20261125T080000Z-aa01', '20261124T080000Z-00ff']
mkdirSync(join(directory, 'runs'))
for (const name of runs) writeFileSync(join(directory, 'runs', `${name}.jsonl`), '')

// What stands where the user is.
const work = join(directory, 'work')
mkdirSync(join(work, 'sub'), {recursive: true})
for (const name of ['report.json', 'a file']) writeFileSync(join(work, name), '')

// What the scripts ask, and a sudo for the shells that look whether there is one.
const programs = join(directory, 'bin')
mkdirSync(programs)
const odd = 'odd\\x2dname@$(date).service'
const units = [
  'prism-django.service loaded active running Prism',
  'shop.service loaded failed failed The shop',
  'systemd-binfmt.service loaded inactive dead Binary formats',
  'mail@one.service loaded active running Mail of one',
  `${odd} loaded active running What a shell would read`,
  'gone.service not-found inactive dead gone.service',
]
for (const [name, lines] of [
  ['systemctl', [`printf '%s\\n' ${units.map(unit => `'${unit}'`).join(' ')}`]],
  ['prism-doctor', ['exec printf "<%s>" "$@"']],
  ['sudo', ['exec "$@"']],
] as const) {
  writeFileSync(join(programs, name), ['#!/bin/sh', ...lines, ''].join('\n'))
  chmodSync(join(programs, name), 0o755)
}

const env = {
  PATH: `${programs}:${process.env.PATH}`,
  HOME: directory,
  XDG_CONFIG_HOME: directory,
  XDG_DATA_HOME: directory,
  LANG: 'C.UTF-8',
  TERM: 'dumb',
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, {
    ...{cwd: work, env, encoding: 'utf8', timeout: 30_000},
    // With a pipe bash takes itself for the shell of a distant host, and reads more than it is told.
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** What a line may go on with, in its shell's own words. */
type Complete = (line: string) => readonly string[]

/** What every shell must answer: all of these, and none of those. */
const cases: readonly (readonly [line: string, all: readonly string[], none: readonly string[]])[] =
  [
    ['', [...manuals.map(({name}) => name), ...groups, ...ids], ['report.json']],
    ['exp', ['explain'], ['checks']],
    ['data', ['database', 'database/login'], ['http']],
    ['database ', groups, ['explain', 'report.json']],
    ['database/lo', ['database/login'], []],
    ['--for', ['--format'], ['--fix']],
    ['--format ', formats, ids],
    ['--format=j', ['json', 'junit'], ['text']],
    [
      '--unit ',
      ['prism-django.service', 'shop.service'],
      ['gone.service', 'systemd-binfmt.service', 'report.json'],
    ],
    ['--unit=sh', ['shop.service'], ['prism-django.service']],
    ['--skip http/', ['http/app', 'http/proxy'], ['app/deploy']],
    ['--skip http --sk', ['--skip'], []],
    ['--timeout ', [], ['report.json', ...ids]],
    ['record --unit ', ['shop.service'], []],
    ['record --', ['--output', '--deep', '--help'], ['--fix', '--skip']],
    ['explain stat', ['static/served', 'state/modes'], ['state']],
    ['explain state/modes ', [], ids],
    ['help un', ['undo'], ['run']],
    ['completion ', ['bash', 'zsh', 'fish'], ['report.json']],
    ['run -- man', ['manage'], []],
    ['run --', ['--unit', '--config'], ['--fix']],
    ['undo ', runs, ['report.json', ...ids]],
    [`undo ${runs[0]} `, [], runs],
  ]

function holds(complete: Complete): void {
  for (const [line, all, none] of cases) {
    const offered = complete(`prism-doctor ${line}`)
    expect.soft({line, missing: all.filter(word => !offered.includes(word))}).toEqual({
      line,
      missing: [],
    })
    expect.soft({line, wrong: none.filter(word => offered.includes(word))}).toEqual({
      line,
      wrong: [],
    })
  }
}

const shells = ['bash', 'zsh', 'fish'] as const

test.each(shells)('the script for %s has every command, flag, check and group', shell => {
  const script = scripts[shell]
  const flags = manuals.flatMap(manual => manual.flags.map(({name}) => name))
  for (const name of [...flags, 'version'])
    expect(script).toMatch(shell === 'fish' ? new RegExp(` -l ${name} `) : `--${name}`)
  for (const word of [...manuals.map(({name}) => name), ...ids, ...groups, ...formats])
    expect(script).toContain(word)
})

test('a value of which no script knows what it is breaks the build', () => {
  const [main] = manuals
  const [flag] = main?.flags ?? []
  if (!main || !flag) throw new Error('there is no flag')
  const odd = {...main, flags: [{...flag, value: 'COLOUR'}]}
  expect(() => grammarOf([odd], {checks, groups, formats})).toThrow('how to complete COLOUR')
})

const bash = installed('bash')

describe.skipIf(bash === null)('bash', () => {
  const helpers = '/usr/share/bash-completion/bash_completion'

  /** Calls the function as readline does: words are parted at = and : as well. */
  const answering =
    (before: string): Complete =>
    line => {
      const words = [...(line.match(/[^\s=:]+|[=:]+/g) ?? []), ...(/\s$/.test(line) ? [''] : [])]
      const program = `${before}
source ${directory}/bash
compopt() { [[ $2 == default ]] && compgen -f -- "$cur"; }
COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
COMP_LINE=$1 COMP_POINT=\${#1} COMP_CWORD=${words.length - 1}
shift
COMP_WORDS=("$@")
_prism_doctor
printf '%s\\n' "\${COMPREPLY[@]}"`
      const argv = ['-u', '-c', program, 'bash', line, ...words]
      return run(bash ?? '', ...argv).split('\n')
    }

  test('by itself', () => holds(answering('')))

  test.runIf(existsSync(helpers) || process.env.CI)('with the package bash-completion', () => {
    // It reads variables that are not set.
    const complete = answering(`set +u; source ${helpers}`)
    holds(complete)
    // What a command takes, the package knows.
    expect(complete('prism-doctor run -- ls --alm')).toContain('--almost-all')
    expect(complete('prism-doctor run ls --alm')).toContain('--almost-all')
  })

  test('a flag is offered once, but for one that may be repeated', () => {
    const offered = answering('')('prism-doctor --json --skip http -')
    expect(offered).toContain('--skip')
    expect(offered).not.toContain('--json')
  })

  test('a file behind a format', () => {
    expect(answering('')('prism-doctor --output j')).toEqual(['json:', 'junit:', ''])
    expect(answering('')('prism-doctor --output=json:rep')).toContain('report.json')
    expect(answering('')('prism-doctor --output rep')).toContain('report.json')
  })

  /** Types keys into a real bash, and what the program was given then. */
  async function typed(keys: string): Promise<string> {
    const shell = spawn('script', ['-qec', `${bash} --norc --noprofile -i`, '/dev/null'], {
      cwd: work,
      env: {...env, PS1: '> ', HISTFILE: '/dev/null'},
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let screen = ''
    shell.stdout.setEncoding('utf8')
    const until = async (wanted: RegExp): Promise<void> => {
      for await (const chunk of shell.stdout.iterator({destroyOnReturn: false})) {
        screen += chunk
        if (wanted.test(screen)) return
      }
    }
    await until(/> $/)
    shell.stdin.write(`source ${directory}/bash; echo REA''DY\n`)
    await until(/READY\s+> $/)
    shell.stdin.write(`prism-doctor ${keys}\n`)
    await until(/<[^>]*>> $/)
    shell.stdin.end('exit\n')
    return /(?:<[^>]*>)+(?=> $)/.exec(screen)?.[0] ?? screen
  }

  test.each([
    ['--for\tjs\t', '<--format><json>'],
    ['--format=js\t', '<--format=json>'],
    ['--output=js\trep\t', '<--output=json:report.json>'],
    ['--output js\trep\t', '<--output><json:report.json>'],
    ['--unit mail@\t', '<--unit><mail@one.service>'],
    ['--unit=mail@o\t', '<--unit=mail@one.service>'],
    ['--unit odd\t', '<--unit><odd>'],
    ['--config=a\t', '<--config=a file>'],
    ['--config su\t', '<--config><sub/>'],
    ['--unit sh\t', '<--unit><shop.service>'],
    ['run -- ls rep\t', '<run><--><ls><report.json>'],
    ['explain database/lo\t', '<explain><database/login>'],
  ])('%j at a prompt', async (keys, given) => {
    expect(await typed(keys)).toBe(given)
  })
})

const zsh = installed('zsh')

describe.skipIf(zsh === null)('zsh', () => {
  // A shell of its own on a terminal of its own, whose compadd says what it was given.
  const capture = `
zmodload zsh/zpty
zpty z ${zsh} -f -i
until_line() { local line; while zpty -r z line; do print -r -- $line; [[ $line == *$1* ]] && break; done }
zpty -w z "PS1=; PROMPT_EOL_MARK=; unsetopt prompt_cr; autoload -Uz compinit; compinit -u -D; source ${directory}/zsh"
zpty -w z 'compadd() {
  [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] && { builtin compadd "$@"; return }
  local -a words; local word
  builtin compadd -A words "$@"
  for word in $words; do print -r -- "OFFERED:$word"; done
  builtin compadd "$@"
}'
zpty -w z 'say() { _main_complete; print -r -- "AT""END"; compstate[insert]=; compstate[list]= }
zle -C say complete-word say; bindkey "^I" say; print REA""DY'
until_line READY >/dev/null
zpty -w -n z "$1"$'\\t'
until_line ATEND
zpty -d z`
  const complete: Complete = line =>
    [...run(zsh ?? '', '-f', '-c', capture, 'zsh', line).matchAll(/OFFERED:(.*?)\r?\n/g)].map(
      ([, word = '']) => word,
    )

  test('answers', () => holds(complete))

  test('what a command takes, and files', () => {
    expect(complete('prism-doctor run -- ls --alm')).toContain('--almost-all')
    expect(complete('prism-doctor run --unit shop ls --alm')).toContain('--almost-all')
    expect(complete('prism-doctor run -- cat rep')).toContain('report.json')
    expect(complete('prism-doctor --config rep')).toContain('report.json')
    expect(complete('prism-doctor --output=json:rep')).toContain('report.json')
    expect(complete('prism-doctor --output ')).toEqual(
      expect.arrayContaining([...formats, 'report.json']),
    )
  })

  test('behind sudo', () => {
    expect(complete('sudo prism-doctor --unit sh')).toContain('shop.service')
  })

  test('a name that a shell would read is only a name', () => {
    expect(complete('prism-doctor --unit od')).toContain(odd.replace(/[\\$()]/g, '\\$&'))
  })

  test('flags that exclude each other', () => {
    expect(complete('prism-doctor --format json --js')).not.toContain('--json')
  })

  test('the newest run first', () => {
    expect(complete('prism-doctor undo ').filter(word => runs.includes(word))).toEqual(
      runs.toSorted().reverse(),
    )
  })

  test('as a file of $fpath', () => {
    const functions = join(directory, 'functions')
    mkdirSync(functions)
    writeFileSync(join(functions, '_prism-doctor'), scripts.zsh)
    const loaded = `fpath=(${functions} $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[prism-doctor]`
    expect(run(zsh ?? '', '-f', '-c', loaded)).toBe('_prism-doctor\n')
  })
})

const fish = installed('fish')

describe.skipIf(fish === null)('fish', () => {
  const complete: Complete = line => {
    const asked = `source ${directory}/fish; complete -C "$argv[1]"`
    return run(fish ?? '', '-c', asked, '--', line)
      .split('\n')
      .map(offered => offered.split('\t')[0]?.replace(/^--(?:format|unit)=/, '') ?? '')
  }

  test('answers', () => holds(complete))

  test('what a command takes, and files', () => {
    expect(complete('prism-doctor run -- ls --alm')).toContain('--almost-all')
    expect(complete('prism-doctor run ls --alm')).toContain('--almost-all')
    expect(complete('prism-doctor run -- cat rep')).toContain('report.json')
    expect(complete('prism-doctor --config rep')).toContain('report.json')
    expect(complete('prism-doctor --output json:rep')).toContain('json:report.json')
    expect(complete('prism-doctor --output ')).toEqual(
      expect.arrayContaining([...formats.map(format => `${format}:`), 'report.json']),
    )
  })

  test('behind sudo', () => {
    expect(complete('sudo prism-doctor --unit sh')).toContain('shop.service')
  })

  test('a name that a shell would read is only a name', () => {
    expect(complete('prism-doctor --unit od')).toContain(odd)
  })

  test('flags that exclude each other', () => {
    expect(complete('prism-doctor --format json --js')).not.toContain('--json')
  })

  test('the newest run first, and nothing that breaks where nothing is typed', () => {
    expect(complete('prism-doctor undo ')).toEqual([...runs.toSorted().reverse(), ''])
    expect(complete('prism-doctor run -- ')).toContain('manage')
  })
})
