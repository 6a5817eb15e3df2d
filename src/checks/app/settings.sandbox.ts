import {chainEvidence, wordsOf} from '../../facts/django/exception.ts'
import {findRefusedPath} from '../../facts/start/refused-path.ts'
import {
  type FailedStart,
  findSandboxFault,
  findSandboxOfPath,
  type SandboxFault,
  type SandboxSearch,
} from '../../facts/start/sandbox-fault.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host, UnitSetting} from '../../host/host.ts'
import {statedDirectory} from '../../host/unit.ts'
import type {Means, UnitSettings} from '../../platform/platform.ts'
import {mend} from '../../remedies/remedy.ts'
import {type Experiment, type Finding, finding, type Remedy} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found} from './settings.findings.ts'

/** A start that failed, held against its sandbox. */
export interface JudgedSandbox {
  /** Null where the sandbox is not the reason. */
  readonly walled: Finding<'critical', Code> | null
  readonly experiments: readonly Experiment[]
}

/**
 * A start that failed, repeated with and without the unit's sandbox.
 * @param failed where it said nothing, no exception is known.
 */
export async function judgeSandbox(
  host: Host,
  target: Target,
  failed: FailedStart = {chain: []},
): Promise<JudgedSandbox> {
  const search = await findSandboxFault(host, target, failed)
  const {verdict, trials} = search
  const experiments = trials > 0 ? [triedSandbox(target, search)] : []
  if (typeof verdict === 'string') return {walled: null, experiments}
  return {walled: {...sandboxFinding(target, verdict), experiments}, experiments}
}

function triedSandbox({unit}: Target, {verdict, trials, durationMs}: SandboxSearch): Experiment {
  const cost = {runs: trials, durationMs}
  if (verdict === 'innocent') {
    const outcome = 'the start fails in the same way without it'
    return {outcome, rulesOut: `the sandbox of ${unit.name}`, ...cost}
  }
  const outcome =
    verdict === 'unknown'
      ? 'whether the start succeeds without its sandbox could not be told'
      : `the start succeeds without ${verdict.settings.map(({name}) => `${name}=`).join(', ')}`
  return {outcome, rulesOut: null, ...cost}
}

function sandboxFinding(target: Target, fault: SandboxFault): Finding<'critical', Code> {
  const {settings, decided, failure} = fault
  const {unit} = target
  const why = whatFails(target, fault)
  const names = settings.map(({name}) => `${name}=`)
  const said = decided
    ? found.sandbox(settings.map(shownSetting), unit.name, why)
    : found['sandbox-part'](names, unit.name, why)
  return finding(said, cureOf(target, fault), {
    evidence: [
      ...chainEvidence(failure.chain),
      ...(failure.step ? [failure.step] : []),
      ...failure.evidence,
    ],
  })
}

/** A path that the service was refused while it runs, where only its sandbox closes that. */
export async function judgeRefusedPath(host: Host, target: Target): Promise<JudgedSandbox> {
  const link = await findRefusedPath(host, target)
  if (!link?.filename) return {walled: null, experiments: []}
  const {filename} = link
  const search = await findSandboxOfPath(host, target, {...link, filename})
  const {verdict, trials, durationMs} = search
  if (typeof verdict === 'string' || !verdict.decided) return {walled: null, experiments: []}
  const {unit} = target
  const said = found['sandbox-of-path'](
    verdict.settings.map(shownSetting),
    unit.name,
    filename,
    wordsOf([link], target),
  )
  const names = verdict.settings.map(({name}) => `${name}=`).join(', ')
  const outcome = `${filename} is open to a process of the unit without ${names}`
  const experiments = [{outcome, rulesOut: null, runs: trials, durationMs}]
  const cure = cureOf(target, verdict)
  return {walled: finding(said, cure, {evidence: chainEvidence([link]), experiments}), experiments}
}

/** "MemoryDenyWriteExecute=yes"; of a long list the name alone. */
function shownSetting({name, value}: UnitSetting): string {
  return `${name}=${value.length > 40 ? '' : value}`
}

function whatFails(target: Target, {failure}: SandboxFault): string {
  const {chain, step, evidence} = failure
  if (chain.length > 0) return wordsOf(chain, target)
  const directory = statedDirectory(target.unit)
  if (step === '200/CHDIR') return `systemd cannot enter WorkingDirectory=${directory} (200/CHDIR)`
  if (step === '203/EXEC')
    return `${target.server.interpreter ?? 'the interpreter'} cannot be executed (203/EXEC)`
  return evidence[0] ?? 'the interpreter ends'
}

function cureOf(target: Target, {settings, decided, change}: SandboxFault): Remedy {
  const {platform, unit} = target
  const names = settings.map(({name}) => name)
  const look = byHand('systemctl', 'show', ...names.flatMap(name => ['-p', name]), unit.name)
  if (!decided)
    return mend(
      'See which of these settings the start needs changed',
      platform.unitChange(unit.name),
      {
        first: [look],
      },
    )
  if (change) {
    const what = Object.keys(change).map(name => `${name}=`)
    const means = platform.unitSetting(unit.name, change, {force: 'values'})
    return mend(`Allow what the start needs by ${what.join(' and ')}`, means)
  }
  const off = settings.map(setting => [setting.name, withoutIt(setting)] as const)
  const known = off.every(([, value]) => value !== null)
  const means: Means = known
    ? platform.unitSetting(unit.name, Object.fromEntries(off) as UnitSettings, {force: true})
    : platform.unitChange(unit.name)
  return mend(`Do without ${names.map(name => `${name}=`).join(' and ')}`, means, {
    first: known ? [] : [look],
  })
}

/** What a setting is where nobody sets it; null where that is for a human to see. */
function withoutIt({name, value}: UnitSetting): UnitSettings[string] | null {
  if (name === 'ProcSubset') return 'all'
  if (name === 'ProtectProc') return 'default'
  if (name === 'DevicePolicy') return 'auto'
  // As much as was tried.
  if (name === 'MemoryMax') return '1G'
  if (name === 'TasksMax') return '1024'
  if (name === 'LimitNOFILE') return '1024:524288'
  if (/^(?:Limit[A-Z]+|Memory(?:High|SwapMax))$/.test(name)) return 'infinity'
  if (/^(?:Protect|Private|Restrict|Memory|Lock)/.test(name) && /^[a-z-]+$/.test(value))
    return false
  return null
}
