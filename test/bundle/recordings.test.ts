import {existsSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {Report} from '../../src/report/report.ts'
import {invalidities} from '../valid.ts'
import {scratch} from './machines.ts'
import {prismDoctor} from './run.ts'

const directory = scratch()
const fixtures = new URL('../../fixtures', import.meta.url).pathname

describe('--replay', () => {
  test.each(readdirSync(fixtures))('of the fixture %s', async name => {
    const {code, stdout, stderr} = await prismDoctor(['--json', '--replay', join(fixtures, name)])
    const report = JSON.parse(stdout) as Report
    expect(invalidities(report)).toEqual([])
    expect(code).toBe({ok: 0, warning: 1, critical: 2, unknown: 3}[report.status as string])
    const note = 'prism-doctor: no prism-django.service here, and no other Django service was found'
    expect(stderr.split(';')[0]).toBe(name === 'unit-missing.json' ? note : '')
    const said = report.checks.flatMap(({findings}) => findings.map(({message}) => message))
    expect(said.filter(message => message.startsWith('the recording has no answer'))).toEqual([])
    expect(report.rootCauses.length > 0).toBe(!name.startsWith('healthy'))
  })

  const written = (name: string, base: string): string => {
    writeFileSync(join(directory, name), JSON.stringify({recording: 2, extends: base}))
    return join(directory, name)
  }

  test.each([
    [
      'is not there',
      'gone.json',
      'the recording DIRECTORY/gone.json does not exist; check the path',
    ],
    [
      'is a link',
      'link.json',
      'the recording DIRECTORY/link.json is a symbolic link; check the path',
    ],
    ['is itself', 'itself.json', 'DIRECTORY/itself.json extends itself: itself.json, itself.json'],
    [
      'lies elsewhere',
      '../a.json',
      'DIRECTORY/itself.json extends "../a.json", which is not the name of a file beside it',
    ],
  ])('of one that extends another which %s', async (_, base, sentence) => {
    if (base === 'link.json') symlinkSync(join(fixtures, 'healthy.json'), join(directory, base))
    const {code, stdout, stderr} = await prismDoctor(['--replay', written('itself.json', base)])
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toBe(`prism-doctor: ${sentence.replaceAll('DIRECTORY', directory)}\n`)
  })
})

describe('--record', () => {
  test('records this machine, whatever it is, and a replay says the same', async () => {
    const file = join(directory, 'this.json')
    // An earlier run changed something, and left this beside it.
    writeFileSync(join(directory, 'this.after.json'), '{}')
    const looked = await prismDoctor(['--json', '--record', file, 'service/unit'])
    const replayed = await prismDoctor(['--json', '--replay', file, 'service/unit'])
    const [first, second] = [looked, replayed].map(({stdout}) => JSON.parse(stdout) as Report)
    expect(second?.checks.map(({findings}) => findings)).toEqual(
      first?.checks.map(({findings}) => findings),
    )
    expect([replayed.code, second?.target]).toEqual([looked.code, first?.target])
    expect(existsSync(join(directory, 'this.after.json'))).toBe(false)
  })

  test('says the same as the command, and not what a recording says', async () => {
    const {code, stdout} = await prismDoctor(['record'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      recording: 2,
      unit: expect.stringMatching(/\.service$/),
    })
    const both = await prismDoctor([
      '--record',
      join(directory, 'x.json'),
      '--replay',
      join(fixtures, 'healthy.json'),
    ])
    expect(both.code).toBe(3)
  })

  test('is refused before the run where no file can be put', async () => {
    const {code, stderr} = await prismDoctor(['--record', '/nowhere/machine.json'])
    expect(code).toBe(3)
    expect(stderr).toBe(
      'prism-doctor: --record /nowhere/machine.json cannot be written (ENOENT); choose another path\n',
    )
  })
})
