import {describe, expect, test} from 'vitest'
import {stateSpace} from '../../../src/checks/state/space.ts'
import {codes, fixture, machine, verdicts} from '../../machine.ts'

const mebibyte = 1024 * 1024

/** Blocks of 4 KiB: how many are there, and how many are left; the same of inodes. */
function filesystem(
  path: string,
  id: string,
  bytes: number,
  free: number,
  inodes = 100_000,
  freeInodes = inodes,
): readonly [string, string] {
  return [path, `${id} ${free / 4096} ${bytes / 4096} 4096 ${freeInodes} ${inodes}\n`]
}

/** The healthy machine on these filesystems; what is not among them is not there. */
function disks(...known: readonly (readonly [string, string])[]) {
  const asked = Object.keys(fixture('healthy').answers.exec ?? {}).filter(key =>
    key.startsWith('space of '),
  )
  const answers = new Map<string, unknown>(
    asked.map(key => [key, {exitCode: 1, stdout: '', stderr: ''}]),
  )
  for (const [path, stdout] of known)
    answers.set(`space of ${path}`, {exitCode: 0, stdout, stderr: ''})
  return machine('healthy', {exec: Object.fromEntries(answers)})
}

const state = '/var/lib/prism-django'
const clusters = '/var/lib/postgresql'

test('a recorded healthy machine has room, and says how much', async () => {
  const [finding] = await verdicts(stateSpace, machine('healthy'))
  expect(finding?.status).toBe('ok')
  expect(finding?.metrics?.map(({name, direction}) => `${name} ${direction}`)).toEqual(
    expect.arrayContaining(['state_free_bytes below', 'state_free_inodes below']),
  )
})

describe('full', () => {
  test('no bytes for the state directory', async () => {
    const [finding] = await verdicts(stateSpace, disks(filesystem(state, 'a', 24 * mebibyte, 0)))
    expect(finding).toMatchObject({status: 'critical', code: 'full', kind: 'cause'})
    expect(finding?.message).toBe(
      '/var/lib/prism-django is full: 0 B of 24 MiB are left to the service',
    )
  })

  test('no inodes, which the system without a fixed number of them never lacks', async () => {
    expect(
      await codes(stateSpace, disks(filesystem(state, 'a', 64 * mebibyte, 60 * mebibyte, 1200, 0))),
    ).toEqual(['critical full'])
    expect(
      await codes(stateSpace, disks(filesystem(state, 'a', 64 * mebibyte, 60 * mebibyte, 0, 0))),
    ).toEqual(['ok ok'])
  })

  test("PostgreSQL's data on a volume of its own", async () => {
    const host = disks(
      filesystem(state, 'a', 1000 * mebibyte, 900 * mebibyte),
      filesystem(clusters, 'b', 1000 * mebibyte, mebibyte),
      filesystem(`${clusters}/17`, 'b', 1000 * mebibyte, mebibyte),
    )
    const found = await verdicts(stateSpace, host)
    expect(found.map(({code, message}) => `${code} ${message}`)).toEqual([
      'full /var/lib/postgresql is full: 1.0 MiB of 1000 MiB are left to the service',
    ])
  })
})

test('nearly full', async () => {
  expect(
    await codes(stateSpace, disks(filesystem(state, 'a', 10_000 * mebibyte, 300 * mebibyte))),
  ).toEqual(['warning scarce'])
})

describe('look-alikes', () => {
  test('4 % of a large disk is room for years', async () => {
    expect(
      await codes(
        stateSpace,
        disks(filesystem(state, 'a', 2_000_000 * mebibyte, 80_000 * mebibyte)),
      ),
    ).toEqual(['ok ok'])
  })

  test('a small volume of which half is left', async () => {
    expect(
      await codes(stateSpace, disks(filesystem(state, 'a', 20 * mebibyte, 11 * mebibyte))),
    ).toEqual(['ok ok'])
  })
})

test('what may not be looked at is not called fine', async () => {
  const stderr = `stat: cannot read file system information for '${state}': Permission denied\n`
  const closed = {exitCode: 1, stdout: '', stderr}
  const paths = [state, clusters, `${clusters}/17`]
  const host = machine('healthy', {
    exec: Object.fromEntries(paths.map(path => [`space of ${path}`, closed])),
  })
  await expect(verdicts(stateSpace, host)).rejects.toMatchObject({privilege: true})
})

describe('the numbers', () => {
  test.each([
    ['a small disk', 24 * mebibyte],
    ['a disk', 4096 * mebibyte],
    ['a large disk', 4_194_304 * mebibyte],
  ])('state the very thresholds that the check uses: %s', async (_, bytes) => {
    const inodes = bytes / 16_384
    const said = async (freeBytes: number, freeInodes: number) =>
      (
        await codes(stateSpace, disks(filesystem(state, 'a', bytes, freeBytes, inodes, freeInodes)))
      )[0]
    const [healthy] = await verdicts(
      stateSpace,
      disks(filesystem(state, 'a', bytes, bytes, inodes)),
    )
    const [left, names] = healthy?.metrics ?? []
    const {warning = 0, critical = 0} = left ?? {}
    const whole = (threshold: number): number => Math.ceil(threshold / 4096) * 4096
    expect(await said(whole(critical) - 4096, inodes)).toBe('critical full')
    expect(await said(whole(critical), inodes)).not.toBe('critical full')
    expect(await said(whole(Math.max(warning, critical)), inodes)).toBe('ok ok')
    const few = names?.critical ?? 0
    expect(await said(bytes, few - 1)).toBe('critical full')
    expect(await said(bytes, few)).not.toBe('critical full')
    const scarce = Math.max(few, names?.warning ?? 0)
    expect(await said(bytes, scarce)).toBe('ok ok')
    if (scarce > few) expect(await said(bytes, scarce - 1)).toBe('warning scarce')
  })

  test('are those of the filesystem that has least, where PostgreSQL has two', async () => {
    const two = disks(
      filesystem(state, 'a', 4096 * mebibyte, 4000 * mebibyte),
      filesystem(clusters, 'b', 4096 * mebibyte, 3000 * mebibyte),
      filesystem(`${clusters}/15`, 'c', 4096 * mebibyte, 2000 * mebibyte),
      filesystem(`${clusters}/16`, 'c', 4096 * mebibyte, 2000 * mebibyte),
      filesystem(`${clusters}/17`, 'c', 4096 * mebibyte, 2000 * mebibyte),
      filesystem(`${clusters}/18`, 'c', 4096 * mebibyte, 2000 * mebibyte),
    )
    const [finding] = await verdicts(stateSpace, two)
    const bytes = (finding?.metrics ?? []).filter(({unit}) => unit === 'bytes')
    expect(bytes.map(({name, value}) => [name, value / mebibyte])).toEqual([
      ['state_free_bytes', 4000],
      ['postgresql_free_bytes', 2000],
    ])
  })
})
