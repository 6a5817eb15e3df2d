import {spawn} from 'node:child_process'
import {chmodSync, existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import {formats} from '../../src/report/reporters/index.ts'
import {unexplainedIn} from '../explained.ts'
import {invalidities} from '../valid.ts'
import {breakDeployment} from './broken.ts'
import {faults} from './faults.ts'

const program = fileURLToPath(new URL('demo.ts', import.meta.url))

/** The demo's own temporary directory: nothing may be left in it. */
let directory = ''

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function demo(
  args: readonly string[],
  {uid, interruptAt}: {uid?: number; interruptAt?: RegExp} = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: {PATH: process.env.PATH, HOME: directory, LANG: 'C.UTF-8', TMPDIR: directory},
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid !== undefined && {uid, gid: uid}),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', chunk => {
      stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', chunk => {
      stderr += chunk
      if (interruptAt?.test(stderr)) child.kill('SIGINT')
    })
    child.on('error', reject)
    child.on('close', code => resolve({code, stdout, stderr}))
  })
}

describe.concurrent('a fault is diagnosed for what it is', () => {
  test.each(Object.entries(faults))('%s', async (_, fault) => {
    const {session, root, remove} = await breakDeployment(fault)
    try {
      const report = await diagnose({...session, checks})
      expect(invalidities(JSON.parse(JSON.stringify(report)))).toEqual([])
      expect(unexplainedIn(report)).toEqual([])
      expect([...report.rootCauses].sort()).toEqual([...fault.rootCauses].sort())
      expect(report.counts.unknown).toBe(0)
    } finally {
      // Not session.close(): that ends what the whole process still asks.
      await remove()
    }
    expect(existsSync(root)).toBe(false)
  })
})

describe.concurrent('what was changed is told', () => {
  test.each([
    ['secret-key-missing', ['environment/SECRET_KEY']],
    ['wrong-password', ['role/prism/password']],
    ['manifest-truncated', ['static/manifest']],
  ])('%s', async (name, expected) => {
    const fault = faults[name]
    if (!fault) throw new Error('there is no such fault')
    const {session, remember, remove} = await breakDeployment(fault, undefined, true)
    try {
      const report = await diagnose({...session, checks, ...(remember && {remember})})
      expect(invalidities(JSON.parse(JSON.stringify(report)))).toEqual([])
      expect(report.rootCauses).toEqual(fault.rootCauses)
      expect(report.history?.note).toBeNull()
      const names = report.history?.changes.map(({name}) => name) ?? []
      expect(names.slice(0, expected.length)).toEqual(expected)
      // Nothing but what was broken.
      expect(names.filter(each => !expected.includes(each))).toEqual([])
    } finally {
      await remove()
    }
  })
})

describe('the command', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
    chmodSync(directory, 0o777)
  })

  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  test('without a name it shows two root causes, also to a user who is not root', async () => {
    const {code, stdout} = await demo([], process.geteuid?.() === 0 ? {uid: 65_534} : {})
    expect(code).toBe(0)
    expect(stdout).toContain('Two things are wrong')
    expect(stdout).toContain('database "prism" does not exist')
    expect(readdirSync(directory)).toEqual([])
  })

  test.each([[['--fault', 'database-missing']], [[]]])(
    '%j: what it says is repaired is repaired, and every line fits a terminal',
    async args => {
      const {code, stdout, stderr} = await demo([...args, '--fix'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/^✔ Nothing is wrong any more · /)
      const said = stderr.slice(0, stderr.indexOf('$ sudo prism-doctor'))
      expect(said.split('\n').filter(line => line.length > 80)).toEqual([])
      expect(readdirSync(directory)).toEqual([])
    },
  )

  test('with --changed it says what has changed since it was healthy', async () => {
    const {code, stdout} = await demo(['--changed', '--fault', 'wrong-password'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /\n {2}Changed since it was last healthy \(.*, 60 min ago\)\n {4}role\/prism\/password: changed/,
    )
    expect(readdirSync(directory)).toEqual([])
  })

  test('interrupted, it leaves nothing behind either', async () => {
    const {code} = await demo([], {interruptAt: /Broken:/})
    expect(code).toBe(130)
    expect(readdirSync(directory)).toEqual([])
  })

  test('--list names every way to break it', async () => {
    const {code, stdout, stderr} = await demo(['--list'])
    expect(code).toBe(0)
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(Object.keys(faults).length)
    expect(lines.filter(line => line.length > 80)).toEqual([])
    expect(stderr).toContain('npm run demo -- --fault NAME')
  })

  test.each([
    [['--fault', 'nonsense'], 'demo: there is no fault "nonsense"; --list names them\n'],
    [
      ['--fault', 'postgres-stopped', '--fix'],
      'demo: --fix cannot mend postgres-stopped in the demo: systemd, which would start PostgreSQL, is a recording; choose another\n',
    ],
    [['--format', 'yaml'], `demo: --format yaml is none of ${formats.join(', ')}\n`],
  ])('%j is refused in one sentence', async (args, sentence) => {
    expect(await demo(args)).toEqual({code: 3, stdout: '', stderr: sentence})
  })
})
