import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import {parseConfig} from '../../src/cli/config.ts'
import {assertNames} from '../../src/cli/input.ts'

const file = new URL('../../packaging/debian/config.toml', import.meta.url)
const text = readFileSync(file, 'utf8')

test('the configuration that Debian installs changes nothing', async () => {
  expect(await parseConfig(text, file.pathname)).toEqual({})
})

test('every setting in it can be used as it stands', async () => {
  const uncommented = text.replace(/^#(?=[a-z[])/gm, '')
  const config = await parseConfig(uncommented, file.pathname)
  assertNames(config, checks)
  expect(Object.keys(config).sort()).toEqual(
    ['checks', 'django', 'history', 'skip', 'target', 'timeout', 'unit', 'waiver'].sort(),
  )
})
