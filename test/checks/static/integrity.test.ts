import {expect, test} from 'vitest'
import {staticIntegrity} from '../../../src/checks/static/integrity.ts'
import type {Digest, DigestAnswer} from '../../../src/host/host.ts'
import {cannotLook, codes, recorded, verdicts} from '../../machine.ts'
import {edited, root} from './machines.ts'

const healthy = recorded('healthy', 'digests', root) as DigestAnswer
const hashed =
  Object.keys(healthy.files).find(name => /css\/site\.[0-9a-f]{12}\.css$/.test(name)) ?? ''

function digests(
  changes: Readonly<Record<string, Partial<Digest>>>,
  more: Partial<DigestAnswer> = {},
) {
  const files = Object.fromEntries(
    Object.entries(healthy.files).map(([name, digest]) => [name, {...digest, ...changes[name]}]),
  )
  return edited({more: {digests: {[root]: {...healthy, ...more, files}}}})
}

test('a recorded healthy machine', async () => {
  expect(await codes(staticIntegrity, edited({}))).toEqual(['ok ok'])
})

test('a hashed file that does not hold what its name says is moved aside, since collectstatic would keep it', async () => {
  const [finding] = await verdicts(staticIntegrity, digests({[hashed]: {md5: '000000000000'}}))
  expect(finding).toMatchObject({status: 'critical', code: 'altered', because: ['state/space']})
  expect(finding?.message).toContain(hashed)
  expect(finding?.remedy?.steps[0]).toMatchObject({
    argv: null,
    change: {kind: 'aside', path: `${root}/${hashed}`},
  })
})

test('a compressed copy that decodes to something else, or not at all', async () => {
  const altered = await verdicts(
    staticIntegrity,
    digests({[`${hashed}.gz`]: {decoded: '000000000000'}}),
  )
  expect(altered).toMatchObject([{status: 'critical', code: 'stale-copy'}])
  expect(altered[0]?.message).toContain(`${hashed}.gz`)
  expect(await codes(staticIntegrity, digests({[`${hashed}.gz`]: {decoded: null}}))).toEqual([
    'critical stale-copy',
  ])
})

test('the compressed copy of an altered file that still holds what the name says is not blamed, too', async () => {
  const hash = /[0-9a-f]{12}/.exec(hashed)?.[0] ?? ''
  const emptied = {[hashed]: {md5: 'd41d8cd98f00'}, [`${hashed}.gz`]: {decoded: hash}}
  expect(await codes(staticIntegrity, digests(emptied))).toEqual(['critical altered'])
})

test('hashed files of earlier versions are no matter', async () => {
  const files = {...healthy.files, 'css/old.0123456789ab.css': {md5: 'ffffffffffff'}}
  expect(
    await codes(staticIntegrity, edited({more: {digests: {[root]: {...healthy, files}}}})),
  ).toEqual(['ok ok'])
})

test('a storage that hashes in its own way gets every hash wrong, which is no damage', async () => {
  const all = Object.fromEntries(
    Object.keys(healthy.files).map(name => [name, {md5: 'ffffffffffff', decoded: 'ffffffffffff'}]),
  )
  expect(await codes(staticIntegrity, digests(all))).toEqual(['ok ok'])
})

test('what was not read whole is not called whole', async () => {
  await expect(verdicts(staticIntegrity, digests({}, {complete: false}))).rejects.toThrow(
    'more to read',
  )
  const hidden = edited({more: {uid: 1000, digests: {[root]: cannotLook('may not be read', true)}}})
  await expect(verdicts(staticIntegrity, hidden)).rejects.toMatchObject({privilege: true})
})

test('a file that could not be read may hold anything, whoever looks', async () => {
  const unread = {[hashed]: {md5: null}}
  await expect(verdicts(staticIntegrity, digests(unread))).rejects.toMatchObject({
    message: `${root}/${hashed} could not be read`,
    privilege: false,
  })
})
