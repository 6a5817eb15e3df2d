import {execFileSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'

const bench = fileURLToPath(new URL('../bench.ts', import.meta.url))

test('the bench measures small trees', () => {
  const args = ['static', 'walk', '--runs', '1', '--scale', '0.001']
  const said = execFileSync(process.execPath, [bench, ...args], {encoding: 'utf8'})
  expect(said).toMatch(/^\| sizes spread \| 40 \| 0 MB \| [\d.]+ s \|( [\d.]+ s \| [\d.]+ \|){2}/m)
  expect(said).toMatch(/^\| with \.gz and \.br \| \d+ \|/m)
  expect(said).toMatch(/^\| 1000 files \|/m)
})
