import {execFileSync} from 'node:child_process'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {commandLine, edit, run} from '../../src/report/step.ts'

test('words are quoted as a person would, and only where they must be', () => {
  expect(run('chown', '-h', 'prism:prism', '/srv/a b').shell).toBe(
    "sudo chown -h prism:prism '/srv/a b'",
  )
  expect(edit("/etc/it's").shell).toBe(`sudoedit "/etc/it's"`)
  expect(commandLine('psql', '-c', "alter role prism valid until 'infinity'")).toBe(
    `psql -c "alter role prism valid until 'infinity'"`,
  )
  expect(commandLine('echo', "it's $5", '')).toBe("echo 'it'\\''s $5' ''")
})

test('a shell reads every word as it was', () => {
  const word = fc.string({unit: fc.constantFrom(...'ab \'"$`\\!*~#&|;<>()[]{}=\n')})
  fc.assert(
    fc.property(fc.array(word, {minLength: 1, maxLength: 5}), words => {
      const read = execFileSync('sh', ['-c', `printf '%s\\0' ${commandLine(...words)}`], {
        encoding: 'utf8',
      })
      expect(read.split('\0').slice(0, -1)).toEqual(words)
    }),
    {numRuns: 40},
  )
})
