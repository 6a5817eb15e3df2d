import {mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {formats} from '../../src/report/reporters/index.ts'
import {invalidities} from '../valid.ts'
import {scratch, writeWithoutUnit} from './machines.ts'
import {prismDoctor} from './run.ts'

const directory = scratch()
let recording = ''

beforeAll(async () => {
  recording = await writeWithoutUnit(directory)
})

/** A directory of its own, and the flags that put every format into it. */
function place(name: string): {readonly at: string; readonly flags: readonly string[]} {
  const at = join(directory, name)
  mkdirSync(at)
  return {at, flags: formats.flatMap(format => ['--output', `${format}:${join(at, format)}`])}
}

const read = (at: string, name: string): string => readFileSync(join(at, name), 'utf8')

describe('--output, several times', () => {
  test('writes every format of one run, each for those who read it', async () => {
    const {at, flags} = place('every')
    const umask = process.umask(0o077)
    const {code, stdout, stderr} = await prismDoctor(['--replay', recording, ...flags])
    process.umask(umask)
    expect({code, stdout, stderr}).toEqual({code: 2, stdout: '', stderr: ''})
    expect(readdirSync(at).sort()).toEqual([...formats].sort())
    for (const format of formats)
      expect([format, statSync(join(at, format)).mode & 0o7777]).toEqual([
        format,
        ['prometheus', 'html'].includes(format) ? 0o644 : 0o640,
      ])
    const report = JSON.parse(read(at, 'json'))
    expect(invalidities(report)).toEqual([])
    const ended = (Date.parse(report.startedAt) + report.durationMs) / 1000
    const time = /^prism_doctor_last_run_timestamp_seconds\S+ (\S+)$/m.exec(read(at, 'prometheus'))
    expect(Number(time?.[1])).toBeCloseTo(ended, 2)
    expect(read(at, 'nagios')).toMatch(/^DOCTOR CRITICAL: systemd has no unit /)
    expect(read(at, 'tap')).toMatch(/^not ok \d+ - service\/unit /m)
    expect(read(at, 'junit')).toContain('<failure message="systemd has no unit ')
    expect(read(at, 'text')).toMatch(/^✖ One thing is wrong in this recording of /)
  })

  test('prints what --format says besides, and only that', async () => {
    const file = join(directory, 'beside.prom')
    const args = ['--replay', recording, '--format', 'nagios', '--output', `prometheus:${file}`]
    const {code, stdout} = await prismDoctor(args)
    expect(code).toBe(2)
    expect(stdout).toMatch(/^DOCTOR CRITICAL: /)
    expect(readFileSync(file, 'utf8')).toMatch(/^# HELP prism_doctor_/)
  })

  test('gives a file without a format that of --format, and stdout nothing then', async () => {
    const [first, second] = [join(directory, 'as-said'), join(directory, 'as-given')]
    const args = ['--replay', recording, '--format', 'tap', '--output', first]
    const {stdout} = await prismDoctor([...args, '--output', `json:${second}`])
    expect(stdout).toBe('')
    expect(readFileSync(first, 'utf8')).toMatch(/^TAP version 14\n/)
    expect(readFileSync(second, 'utf8')).toMatch(/^\{\n/)
  })

  test('of --fix say what was planned or done', async () => {
    const {at, flags} = place('fix')
    const {stdout} = await prismDoctor(['--dry-run', 'service/unit', ...flags])
    expect(stdout).toBe('')
    expect(JSON.parse(read(at, 'json'))).toMatchObject({fix: {dryRun: true, steps: []}})
    expect(readdirSync(at).sort()).toEqual([...formats].sort())
  })

  test('takes a file whose name has a colon, given with its directory', async () => {
    const file = join(directory, 'json:report')
    await prismDoctor(['--replay', recording, '--output', file])
    expect(readFileSync(file, 'utf8')).toMatch(/^✖ One thing is wrong /)
  })
})

describe('a run that fails', () => {
  const broken = 'unit = 3\n'
  const sentence = (config: string): string => `${config}:1: "unit" must be a string, not 3`

  test('answers wherever it promised to, with status unknown', async () => {
    const {at, flags} = place('failed')
    const config = join(at, '..', 'broken.toml')
    writeFileSync(config, broken)
    writeFileSync(join(at, 'nagios'), 'DOCTOR OK: of an hour ago\n')
    const args = ['--config', config, '--unit', 'shop', ...flags]
    const {code, stdout, stderr} = await prismDoctor(args)
    expect({code, stdout, stderr}).toEqual({
      code: 3,
      stdout: '',
      stderr: `prism-doctor: ${sentence(config)}\n`,
    })
    const report = JSON.parse(read(at, 'json'))
    expect(invalidities(report)).toEqual([])
    expect(report).toMatchObject({status: 'unknown', error: {message: sentence(config)}})
    expect(report.target.unit).toBe('shop.service')
    expect(read(at, 'nagios')).toMatch(/^DOCTOR UNKNOWN: /)
    expect(read(at, 'nagios')).toContain(`${sentence(config)}\n`)
    const metrics = read(at, 'prometheus')
    expect(metrics).toContain('prism_doctor_run_failed{unit="shop.service"} 1\n')
    expect(metrics).toContain('prism_doctor_status{unit="shop.service",status="unknown"} 1\n')
    expect(read(at, 'tap')).toContain(`\nBail out! ${sentence(config)}\n`)
    expect(read(at, 'junit')).toContain('errors="1"')
    expect(read(at, 'text')).toContain(sentence(config))
  })

  test('also when another file cannot be written', async () => {
    const {at} = place('one-lost')
    const [kept, lost] = [join(at, 'kept.prom'), join(at, 'nowhere', 'page.html')]
    const flags = ['--output', `prometheus:${kept}`, '--output', `html:${lost}`]
    const {code, stdout, stderr} = await prismDoctor(['--replay', recording, ...flags])
    const sentence = `--output ${lost} cannot be written (ENOENT); choose another path`
    expect({code, stdout, stderr}).toEqual({
      code: 3,
      stdout: '',
      stderr: `prism-doctor: ${sentence}\n`,
    })
    expect(readdirSync(at)).toEqual(['kept.prom'])
    expect(read(at, 'kept.prom')).toContain('prism_doctor_run_failed{unit=""} 1\n')
  })

  test('also when a check of somebody cannot be loaded', async () => {
    const module = join(directory, 'broken.mjs')
    writeFileSync(module, 'throw new Error("not today")\n')
    const config = join(directory, 'module.toml')
    writeFileSync(config, `unit = "shop.service"\nchecks = ["${module}"]\n`)
    const file = join(directory, 'module.prom')
    const {code} = await prismDoctor(['--config', config, '--output', `prometheus:${file}`])
    expect(code).toBe(3)
    expect(readFileSync(file, 'utf8')).toContain('prism_doctor_run_failed{unit="shop.service"} 1\n')
  })

  test.each(formats.filter(format => format !== 'text'))(
    'tells a reader of stdout what was wrong with the command line: %s',
    async format => {
      const file = join(directory, `${format}.untouched`)
      const args = ['--bogus', '--format', format, '--output', `${format}:${file}`]
      const {code, stdout, stderr} = await prismDoctor(args)
      expect(code).toBe(3)
      expect(stderr).toMatch(/^prism-doctor: there is no flag --bogus; /)
      expect(stdout).toMatch(/no flag --bogus|_run_failed\S* 1\n|unknown/)
      // Who mistyped one flag may have mistyped another: no file is touched.
      expect(readdirSync(directory)).not.toContain(`${format}.untouched`)
    },
  )
})

describe('what cannot be written is told before anything is asked', () => {
  const refusal = async (...outputs: readonly string[]): Promise<string> => {
    const flags = outputs.flatMap(output => ['--output', output])
    const {code, stdout, stderr} = await prismDoctor(['--replay', recording, ...flags])
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(/^prism-doctor: [^\n]+\n$/)
    return stderr.slice('prism-doctor: '.length, -1)
  }

  test.each([
    [
      'jsno:x',
      `--output jsno:x: there is no format "jsno"; did you mean json:x? it is one of ${formats.join(', ')}, and a file of that name is ./jsno:x`,
    ],
    [
      '2026:11.json',
      `--output 2026:11.json: there is no format "2026"; it is one of ${formats.join(', ')}, and a file of that name is ./2026:11.json`,
    ],
    ['json:', '--output "json:" names no file; give one'],
    [
      'html',
      '--output html names a format and no file; give html:FILE, or ./html for a file of that name',
    ],
    ['', '--output "" names no file; give one'],
    ['tap:some/', '--output tap:some/ names a directory; give a file in it'],
    ['..', '--output .. names a directory; give a file in it'],
  ])('%j', async (output, sentence) => {
    expect(await refusal(output)).toBe(sentence)
  })

  test('a directory, which stays', async () => {
    const {at} = place('stays')
    expect(await refusal(`json:${at}`)).toContain(`${at} is there and is no regular file`)
    expect(statSync(at).isDirectory()).toBe(true)
  })

  test('one file for two things, however it is spelt; what it held stays', async () => {
    const {at} = place('twice')
    const file = join(at, 'report')
    writeFileSync(file, 'before')
    symlinkSync(at, join(directory, 'other-way'))
    const others = [file, join(at, '.', 'report'), join(directory, 'other-way', 'report')]
    for (const other of others)
      expect(await refusal(`json:${file}`, `tap:${other}`)).toBe(
        `--output names ${other} twice; give each format a file of its own`,
      )
    const args = ['--output', file, '--record', file]
    expect((await prismDoctor(args)).stderr).toBe(
      `prism-doctor: --record and --output both name ${file}; give each a file of its own\n`,
    )
    expect(readFileSync(file, 'utf8')).toBe('before')
  })
})
