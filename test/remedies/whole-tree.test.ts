import {execFileSync} from 'node:child_process'
import {
  chmodSync,
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
import {wholeTree} from '../../src/remedies/whole-tree.ts'
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
      for (const path of [join(state, 'file'), join(outside, 'linked')]) chmodSync(path, 0o600)
      type('chmod', 'a+rX')
      const modes = [join(state, 'file'), join(outside, 'linked')].map(path => lstatSync(path).mode)
      expect(modes.map(mode => mode & 0o777)).toEqual([0o644, 0o600])
    } finally {
      execFileSync('umount', [mounted])
      rmSync(base, {recursive: true, force: true})
    }
  },
)
