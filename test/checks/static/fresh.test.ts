import {expect, test} from 'vitest'
import {staticFresh} from '../../../src/checks/static/fresh.ts'
import type {Digest, DigestAnswer} from '../../../src/host/host.ts'
import {cannotLook, codes, recorded, verdicts} from '../../machine.ts'
import {edited, keyEnding, manifestPath, plainStorage, root, storage} from './machines.ts'

const source = keyEnding('digests', '/share/prism-django/static')
const healthy = recorded('healthy', 'digests', source) as DigestAnswer

/** The package holds another version of one file. */
function changed(name: string, more: Parameters<typeof edited>[0] = {}) {
  const files = {...healthy.files, [name]: {md5: '000000000000'}}
  return edited({...more, more: {digests: {[source]: {...healthy, files}}}})
}

test('a recorded healthy machine', async () => {
  expect(await codes(staticFresh, edited({}))).toEqual(['ok ok'])
})

test('a picture of another version, with a manifest', async () => {
  const [finding] = await verdicts(staticFresh, changed('img/noise.png'))
  expect(finding).toMatchObject({status: 'warning', code: 'stale'})
  expect(finding?.message).toContain('img/noise.png')
})

/**
 * A style sheet that is rewritten: the package holds one version, and what was collected is
 * `collected`.
 */
function rewritten(collected: Partial<Digest>) {
  const {paths} = JSON.parse((recorded('healthy', 'readFile', manifestPath) as {text: string}).text)
  const hashed: string = paths['css/theme.css']
  const own = recorded('healthy', 'digests', root) as DigestAnswer
  const now: Digest = {md5: '000000000000', unlinked: 'aaaaaaaaaaaa'}
  const then: Digest = {md5: own.files[hashed]?.md5 ?? null, ...collected}
  return {
    digests: {
      [source]: {...healthy, files: {...healthy.files, 'css/theme.css': now}},
      [root]: {...own, files: {...own.files, [hashed]: then}},
    },
  }
}

test('a style sheet of another version, which names other files and so has a hash of its own', async () => {
  const [finding] = await verdicts(
    staticFresh,
    edited({more: rewritten({unlinked: 'bbbbbbbbbbbb'})}),
  )
  expect(finding).toMatchObject({status: 'warning', code: 'stale'})
  expect(finding?.message).toContain('css/theme.css')
})

test.each([
  ['is the same beside the names in it', {unlinked: 'aaaaaaaaaaaa'}],
  ['was recorded without the digest', {unlinked: undefined}],
  ['was altered: that is for static/integrity', {md5: '111111111111', unlinked: 'bbbbbbbbbbbb'}],
])('a rewritten style sheet that %s', async (_, collected) => {
  expect(await codes(staticFresh, edited({more: rewritten(collected as Partial<Digest>)}))).toEqual(
    ['ok ok'],
  )
})

test('a storage of the project may rewrite more than Django does', async () => {
  const django = storage('prism.storage.Storage', true)
  expect(
    await codes(staticFresh, edited({django, more: rewritten({unlinked: 'bbbbbbbbbbbb'})})),
  ).toEqual(['ok ok'])
})

test('without a manifest the files themselves are compared, style sheets too', async () => {
  const without: Parameters<typeof edited>[0] = {
    django: plainStorage,
    entries: entries => entries.filter(({path}) => !path.endsWith('staticfiles.json')),
  }
  const [finding] = await verdicts(staticFresh, changed('css/theme.css', without))
  expect(finding).toMatchObject({status: 'warning', code: 'stale'})
  expect(finding?.message).toContain('css/theme.css')
})

test('a manifest that the storage no longer keeps says nothing', async () => {
  const host = edited({django: plainStorage, more: rewritten({unlinked: 'bbbbbbbbbbbb'})})
  const [finding] = await verdicts(staticFresh, host)
  // The file itself is compared, as without a manifest.
  expect(finding).toMatchObject({
    code: 'stale',
    remedy: {steps: [{change: {kind: 'aside', path: `${root}/css/theme.css`}}, {}]},
  })
})

test('without a manifest here, because the storage keeps it elsewhere, an unhashed copy may be old', async () => {
  const more: Parameters<typeof edited>[0] = {
    django: {static: {storage: {options: {manifest_storage: 'prism.storage.Elsewhere'}}}},
    entries: entries => entries.filter(({path}) => !path.endsWith('staticfiles.json')),
  }
  expect(await codes(staticFresh, changed('img/noise.png', more))).toEqual(['ok ok'])
})

test('collected after the process had started', async () => {
  const host = edited({
    entries: entries =>
      entries.map(each =>
        each.path.endsWith('staticfiles.json') ? {...each, mtime: each.mtime + 86_400_000} : each,
      ),
  })
  expect(await verdicts(staticFresh, host)).toMatchObject([
    {status: 'warning', code: 'collected-later', remedy: {risk: 'disruptive'}},
  ])
})

test('a tree that was not read whole', async () => {
  const digests = recorded('healthy', 'digests', root) as DigestAnswer
  const host = edited({more: {digests: {[root]: {...digests, complete: false}}}})
  await expect(verdicts(staticFresh, host)).rejects.toThrow('more to read')
})

test.each([
  ['more than is read', {...healthy, complete: false}, /more to read/],
  ['a file that cannot be read', {complete: true, files: {x: {md5: null}}}, /x could not be read/],
  ['what only root may read', cannotLook('only root sees it', true), /only root/],
])('a package that holds %s', async (_, answer, message) => {
  const host = edited({more: {digests: {[source]: answer}}})
  await expect(verdicts(staticFresh, host)).rejects.toThrow(message)
})
