import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'

const text = readFileSync(new URL('../../dist/THIRD-PARTY.txt', import.meta.url), 'utf8')

test.each(['@oclif/core', 'execa', 'listr2', 'pg', 'pgpass', 'chalk', 'smol-toml', 'valibot'])(
  'what is bundled of %s is named, with its licence',
  name => {
    const part = text.split(/^-{80}$/m).find(each => each.includes(`\n${name} `))
    expect(part).toMatch(/, (MIT|ISC|BSD-3-Clause|Apache-2\.0)\n[\s\S]*copyright/i)
  },
)

test('what only makes or tests the program is not', () => {
  expect(text).not.toMatch(/^(?:esbuild|vitest|typescript|knip) \d/m)
})
