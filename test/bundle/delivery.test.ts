import {execFileSync} from 'node:child_process'
import {closeSync, constants, mkdirSync, openSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {invalidities} from '../valid.ts'
import {scratch, writeWithoutUnit} from './machines.ts'
import {type Ended, prismDoctor} from './run.ts'

const directory = scratch()
const isRoot = process.geteuid?.() === 0
let recording = ''

beforeAll(async () => {
  recording = await writeWithoutUnit(directory)
})

async function into(path: string, flags: number, args: readonly string[]): Promise<Ended> {
  const output = openSync(path, flags)
  try {
    return await prismDoctor(args, {}, output)
  } finally {
    closeSync(output)
  }
}

const lost = (code: string): string =>
  `prism-doctor: standard output cannot be written (${code}), so the answer is lost; send it elsewhere\n`

describe('an answer that cannot be delivered is exit 3 and one sentence', () => {
  test.each([
    ['diagnose --replay'],
    ['--json --replay'],
    ['checks'],
    ['checks --json'],
    ['explain service/unit'],
    ['record'],
    ['help'],
    ['help undo'],
    ['checks --help'],
    ['--version'],
    ...(isRoot ? [['undo']] : []),
  ])('%s', async line => {
    const words = line.split(' ')
    const args = words.at(-1) === '--replay' ? [...words, recording] : words
    const {code, stderr} = await into('/dev/full', constants.O_WRONLY, args)
    expect({code, stderr}).toEqual({code: 3, stderr: lost('ENOSPC')})
  })

  test('a bad flag under --json still says what was wrong', async () => {
    const {code, stderr} = await into('/dev/full', constants.O_WRONLY, ['--json', '--bogus'])
    expect({code, stderr}).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no flag --bogus'),
    })
  })

  test.runIf(isRoot)('a disk that takes a part of it', async () => {
    await onDisk('size=4k', async disk => {
      const flags = constants.O_WRONLY | constants.O_CREAT
      const args = ['--json', '--replay', recording]
      const {code, stderr} = await into(join(disk, 'report'), flags, args)
      expect({code, stderr}).toEqual({code: 3, stderr: lost('ENOSPC')})
    })
  })

  test.runIf(isRoot)('--output on a full disk, and on one that is read-only', async () => {
    for (const [options, errno] of [
      ['size=4k', 'ENOSPC'],
      ['ro', 'EROFS'],
    ] as const) {
      await onDisk(options, async disk => {
        const file = join(disk, 'report.json')
        const args = ['--json', '--replay', recording, '--output', file]
        const {code, stdout, stderr} = await prismDoctor(args)
        expect(code).toBe(3)
        expect(stderr).toMatch(
          /^prism-doctor: [^\n]+ cannot be written \((\w+)\); choose another path\n$/,
        )
        expect(stderr).toContain(`${file} cannot be written (${errno})`)
        expect(invalidities(JSON.parse(stdout))).toEqual([])
        expect(readdirSync(disk)).toEqual([])
      })
    }
  })

  test('a reader that has gone away is no failure', () => {
    const script = `"$@" | head -c 1 >/dev/null; echo "\${PIPESTATUS[0]}"`
    const program = [process.execPath, 'bin/run.js', '--json', '--replay', recording]
    const said = execFileSync('bash', ['-c', script, 'bash', ...program], {encoding: 'utf8'})
    expect(said).toBe('2\n')
  })
})

/** Mounts a disk in memory. */
async function onDisk(options: string, use: (disk: string) => Promise<void>): Promise<void> {
  const disk = join(directory, 'disk')
  mkdirSync(disk, {recursive: true})
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', disk])
  try {
    await use(disk)
  } finally {
    execFileSync('umount', [disk])
  }
}
