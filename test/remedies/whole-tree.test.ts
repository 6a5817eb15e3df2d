import {execFileSync, spawnSync} from 'node:child_process'
import {
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {asOwner, wholeTree} from '../../src/remedies/whole-tree.ts'
import {byHand} from '../../src/report/step.ts'

function owner(path: string): string {
  const {uid, gid} = lstatSync(path)
  return `${uid}:${gid}`
}

test.runIf(process.geteuid?.() === 0)(
  'by hand nothing outside is given away, whatever a shell makes of the names',
  () => {
    const base = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
    const state = join(base, "state of $USER's; `id`")
    const outside = join(base, 'outside')
    const mounted = join(state, 'mounted')
    try {
      for (const path of [state, outside, mounted, join(state, 'a b')]) mkdirSync(path)
      for (const name of ['shadow', 'linked']) writeFileSync(join(outside, name), '')
      for (const name of ['file', 'a b/-rf\n']) writeFileSync(join(state, name), '')
      symlinkSync(join(outside, 'shadow'), join(state, 'link'))
      symlinkSync(outside, join(state, 'way'))
      linkSync(join(outside, 'linked'), join(state, 'hard'))
      execFileSync('mount', ['-t', 'tmpfs', 'none', mounted])
      writeFileSync(join(mounted, 'file'), '')
      const type = (...words: readonly string[]): void =>
        void execFileSync('bash', ['-c', byHand(...wholeTree(state, ...words)).shell])
      type('chown', '-h', '1234:1235')
      const given = [state, ...['file', 'a b', 'a b/-rf\n'].map(name => join(state, name))]
      expect(given.map(owner)).toEqual(given.map(() => '1234:1235'))
      const kept = [outside, ...['shadow', 'linked'].map(name => join(outside, name))]
      expect([...kept, join(mounted, 'file')].map(owner)).toEqual(Array(4).fill('0:0'))
    } finally {
      execFileSync('umount', [mounted])
      rmSync(base, {recursive: true, force: true})
    }
  },
)

const isRoot = process.geteuid?.() === 0

test.runIf(isRoot)('the owner opens what is closed, and nothing that is not his', () => {
  const base = mkdtempSync('/tmp/prism-doctor-')
  const state = join(base, 'state')
  const [closed, file, others] = ['closed', 'closed/file', 'others'].map(name => join(state, name))
  try {
    chmodSync(base, 0o755)
    for (const path of [state, closed]) mkdirSync(path ?? '')
    for (const path of [file, others]) writeFileSync(path ?? '', '', {mode: 0o600})
    for (const path of [state, closed, file]) lchownSync(path ?? '', 1234, 1235)
    chmodSync(closed ?? '', 0)
    const owner = {uid: 1234, name: 'prism', groups: []}
    const [, name, ...words] = asOwner(1234, owner, wholeTree(state, 'chmod', 'u+rwX'))
    expect(name).toBe('prism')
    const as = ['--reuid=1234', '--regid=1235', '--clear-groups', '--']
    // From a directory that the owner cannot come back to.
    const {stderr} = spawnSync('setpriv', [...as, ...words], {cwd: '/root', encoding: 'utf8'})
    expect(stderr).toMatch(/^chmod: .*others.*: Operation not permitted\n$/)
    const modes = [closed, file, others].map(path => lstatSync(path ?? '').mode & 0o777)
    expect(modes).toEqual([0o700, 0o600, 0o600])
  } finally {
    rmSync(base, {recursive: true, force: true})
  }
})

test('of a stranger by the number, and of root as root', () => {
  const service = {uid: 1234, name: 'prism', groups: []}
  expect(asOwner(1001, service, ['chmod', 'a+r', '/a'])).toEqual([
    '-u',
    '#1001',
    'chmod',
    'a+r',
    '/a',
  ])
  expect(asOwner(0, service, ['chmod', 'a+r', '/a'])).toEqual(['chmod', 'a+r', '/a'])
})
