import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeEach, expect, test} from 'vitest'
import {createDigests} from '../../../src/host/local/digests.ts'

let root: string
const {digests, close} = createDigests(null)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'digests-'))
})

afterEach(() => {
  rmSync(root, {recursive: true})
})

afterAll(close)

/** What two files with that ending hold beside links. */
async function unlinked(
  ending: string,
  source: string,
  collected: string,
): Promise<readonly unknown[]> {
  writeFileSync(join(root, `source.${ending}`), source)
  writeFileSync(join(root, `collected.${ending}`), collected)
  const {files} = await digests(root)
  return [files[`source.${ending}`]?.unlinked, files[`collected.${ending}`]?.unlinked]
}

// As Django 5.2 rewrites them.
test.each([
  ['css', 'a{b:url(x.png)}', 'a{b:url("x.9e107d9d372b.png")}'],
  ['css', "a{b:url('../x.eot?#iefix')}", 'a{b:url("../x.9e107d9d372b.eot?#iefix")}'],
  ['css', '@import "x.css";', '@import url("x.9e107d9d372b.css");'],
  ['css', "@import url('x.css') screen;", '@import url("x.9e107d9d372b.css") screen;'],
  ['css', 'a{}\n/*# sourceMappingURL=x.map*/', 'a{}\n/*# sourceMappingURL=x.9e107d9d372b.map */'],
  ['js', 'a()\n//# sourceMappingURL=x.map', 'a()\n//# sourceMappingURL=x.9e107d9d372b.map'],
])('%s: %s is left alike when it became %s', async (ending, source, collected) => {
  const [before, after] = await unlinked(ending, source, collected)
  expect(before).toMatch(/^[0-9a-f]{12}$/)
  expect(after).toBe(before)
})

test.each([
  ['css', 'a{color:red;b:url(x.png)}', 'a{color:tan;b:url("x.9e107d9d372b.png")}'],
  ['css', 'a{b:url(data:image/png;base64,AA)}', 'a{b:url(data:image/png;base64,AB)}'],
  ['js', 'get(url(1))', 'get(url(2))'],
])('%s: %s is not %s', async (ending, source, collected) => {
  const [before, after] = await unlinked(ending, source, collected)
  expect(after).not.toBe(before)
})

test('what collectstatic does not rewrite has no such digest', async () => {
  writeFileSync(join(root, 'x.svg'), '<svg/>')
  expect((await digests(root)).files).toEqual({
    'x.svg': {md5: expect.stringMatching(/^[0-9a-f]{12}$/)},
  })
})

test('names are bytes, also those of the directory itself', async () => {
  const directory = join(root, 'stätisch')
  mkdirSync(directory)
  writeFileSync(join(directory, 'lünk.css'), 'a{}')
  expect(await digests(directory)).toMatchObject({files: {'lünk.css': {}}, complete: true})
  symlinkSync(directory, join(root, 'vérité'))
  await expect(digests(join(root, 'vérité'))).rejects.toThrow('vérité is a symbolic link')
})

test('neither follows a link nor opens what is no regular file', async () => {
  writeFileSync(join(root, 'own'), 'own')
  symlinkSync('own', join(root, 'link'))
  symlinkSync('/etc', join(root, 'out'))
  execFileSync('mkfifo', [join(root, 'fifo')])
  expect(Object.keys((await digests(root)).files)).toEqual(['own'])
})
