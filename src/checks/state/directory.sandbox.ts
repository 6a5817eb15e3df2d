import type {Opener} from '../../facts/files/access.ts'
import {isBelow} from '../../facts/files/paths.ts'
import type {Seal} from '../../facts/files/seal.ts'
import type {Target} from '../../facts/target/target.ts'
import type {SandboxPath} from '../../facts/unit/sandbox-paths.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {finding, milder, type Verdict} from '../../report/finding.ts'
import {byHand, hand} from '../../report/step.ts'
import {type Code, found} from './directory.findings.ts'
import {makeDirectory, tmpfilesRule} from './directory.remedies.ts'

/** @param absent paths that the sandbox names; the setting of the first one is named. */
export function pathMissing(
  target: Target,
  opener: Opener | null,
  absent: readonly SandboxPath[],
): Verdict<Code> | null {
  const {unit, platform} = target
  const [first] = absent
  if (!first) return null
  const {setting, path} = first
  const paths = absent.map(each => each.path)
  const summary = 'Make the path that the sandbox names, or write a "-" before it in the unit'
  const areOurs = paths.every(each => isBelow(each, '/var/lib') || isBelow(each, '/var/cache'))
  const look = {first: [byHand('systemctl', 'cat', unit.name)], whole: true}
  const cure = areOurs
    ? remedy(
        summary,
        'safe',
        paths.map(each => makeDirectory(target, opener, each)),
      )
    : mend(summary, platform.unitChange(unit.name), look)
  const runs = Number(unit.get('MainPID')) > 0
  const said = found['path-missing'](setting, paths, runs)
  return finding(runs ? milder(said) : said, kept(cure, tmpfilesRule(target, path)), {
    evidence: [`${setting}=${unit.get(setting)}`],
  })
}

export function sealed(target: Target, seal: Seal): Verdict<Code> {
  const {unit, platform} = target
  if (seal.kind === 'read-only-mount') {
    const summary = 'Find out why (the kernel does it after errors), then mount it writable'
    const cure = remedy(summary, 'manual', [
      hand('sudo dmesg --level=err,warn | tail'),
      byHand('sudo', 'mount', '-o', 'remount,rw', seal.point),
    ])
    return finding(found['read-only-mount'](seal.path, seal.point), cure)
  }
  if (seal.kind === 'sandbox') {
    const {setting, path, link} = seal
    const means = platform.unitSetting(unit.name, {ReadWritePaths: [path]})
    const cure = mend('Name the directory in ReadWritePaths=', means, {whole: true})
    const settings = ['ProtectSystem', 'ReadWritePaths', 'ReadOnlyPaths']
    return finding(found.sandbox(setting, path, link), cure, {
      evidence: settings.map(key => `${key}=${unit.get(key)}`),
    })
  }
  const summary = 'Restart the service, so that it gets the directory as it is now'
  return finding(found[seal.kind](seal.path), remedy(summary, 'disruptive', [restart(target)]))
}
