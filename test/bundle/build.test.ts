import {execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {beforeAll, describe, expect, test} from 'vitest'
import {scratch} from './machines.ts'
import {prismDoctor} from './run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const directory = scratch()

/** A checkout of its own, as `npm ci` leaves it. */
function checkout(name: string): string {
  const there = join(directory, name)
  const texts = ['package.json', 'CHANGELOG.md', 'LICENSE', 'fixtures/healthy.json']
  for (const part of ['bin', 'scripts', 'src', ...texts])
    cpSync(join(root, part), join(there, part), {recursive: true})
  symlinkSync(join(root, 'node_modules'), join(there, 'node_modules'))
  return there
}

/** Builds there, with a signal as soon as `when` says so; what was left behind apart from dist. */
async function build(there: string, signal?: NodeJS.Signals, when = (): boolean => true) {
  const before = readdirSync(there)
  const child = spawn(process.execPath, ['scripts/build.ts'], {cwd: there, stdio: 'ignore'})
  const ended = once(child, 'exit')
  while (signal && child.exitCode === null && !child.killed) {
    if (when()) child.kill(signal)
    else await new Promise(resolve => setTimeout(resolve, 1))
  }
  const [code] = await ended
  return {code, left: readdirSync(there).filter(name => !before.includes(name) && name !== 'dist')}
}

describe('a build that fails leaves nothing behind', () => {
  test('with a mistake in the source', async () => {
    const there = checkout('mistake')
    appendFileSync(join(there, 'src/cli/main.ts'), 'const = 1\n')
    expect(await build(there)).toEqual({code: 1, left: []})
    expect(existsSync(join(there, 'dist'))).toBe(false)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ended by %s', async (signal, code) => {
    const there = checkout(signal)
    const isWriting = (): boolean => readdirSync(there).some(name => /^\.?dist/.test(name))
    expect(await build(there, signal, isWriting)).toEqual({code, left: []})
  })
})

describe('a build that succeeds', () => {
  let there = ''
  const cache = (): string => join(there, 'dist/cache')

  beforeAll(async () => {
    there = checkout('whole')
    expect(await build(there)).toEqual({code: 0, left: []})
  })

  test('packs the program, and not the compile cache of this machine', () => {
    expect(existsSync(cache())).toBe(true)
    const argv = ['pack', '--dry-run', '--json', '--ignore-scripts']
    const packed = JSON.parse(
      execFileSync('npm', argv, {cwd: there, encoding: 'utf8'}),
    ) as readonly [{readonly files: readonly {readonly path: string}[]}]
    const files = packed[0].files.map(({path}) => path)
    expect(files).toEqual(
      expect.arrayContaining([
        'bin/run.js',
        'dist/main.cjs',
        'dist/ask.py',
        'dist/look.py',
        'dist/prism-doctor.1',
      ]),
    )
    expect(files.filter(path => /cache|src|test/.test(path))).toEqual([])
  })

  test('is run with a compile cache where nobody else can write, and without one elsewhere', () => {
    const isCachedAt = (mode: number): boolean => {
      rmSync(cache(), {recursive: true, force: true})
      chmodSync(join(there, 'dist'), mode)
      execFileSync(process.execPath, ['bin/run.js', '--version'], {cwd: there})
      return existsSync(cache())
    }
    expect([0o755, 0o775, 0o777].map(isCachedAt)).toEqual([true, false, false])
  })
})

describe('what cannot start says so in one sentence', () => {
  test('on a Node that is too old', async () => {
    const old = 'Object.defineProperty(process, "versions", {value: {node: "20.20.2"}})'
    const {code, stdout, stderr} = await prismDoctor(['--json'], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(old)}`,
    })
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toBe(
      'prism-doctor needs Node 22.13 or newer and this is 20.20.2; run it with a newer node\n',
    )
  })

  test('before it is built', () => {
    const there = checkout('unbuilt')
    const run = () =>
      execFileSync(process.execPath, ['bin/run.js', '--version'], {cwd: there, stdio: 'pipe'})
    expect(run).toThrow(
      expect.objectContaining({
        status: 3,
        stderr: Buffer.from('prism-doctor is not built; run npm run build\n'),
      }),
    )
  })
})
