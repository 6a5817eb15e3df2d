import {differingVariables} from '../../facts/program/older-environment.ts'
import {olderPackage, packageOfSystem} from '../../facts/program/older-package.ts'
import {
  goneFromStore,
  unusableForReload,
  unusableInStore,
  unusableOnHost,
} from '../../facts/program/unusable.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {execCommands} from '../../host/unit.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {explanation} from './package.explanation.ts'
import {packageFacts} from './package.facts.ts'
import {
  absent,
  broken,
  type Code,
  found,
  gone,
  notReloadable,
  oldEnvironment,
  oldPackage,
  otherSystem,
} from './package.findings.ts'
import {serviceUnit} from './unit.ts'

export const servicePackage: CheckOf<Code> = {
  id: 'service/package',
  title: "The unit's programs are there, and the process runs what is deployed",
  fix: 'restarts the service, so that it runs what is deployed',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: packageFacts,
  async run({host, target}) {
    const bad = (await cannotStart(host, target)) ?? (await isOutdated(host, target))
    if (bad) return bad
    const reload = await unusableForReload(host, target)
    if (reload) return notReloadable(target, reload)
    const {unit} = target
    const program = target.package ?? execCommands(unit, 'ExecStart')[0]?.path
    return ok(program ? `${unit.name} runs ${program}` : `${unit.name} names no program`)
  },
}

/** The next start would fail: something that the unit names is not there, or cannot be executed. */
async function cannotStart(host: Host, target: Target): Promise<Verdict<Code> | null> {
  const missing = gone(target, await goneFromStore(host, target.unit))
  if (missing) return missing
  const inStore = await unusableInStore(host, target.unit)
  if (inStore) return broken(target, inStore)
  const onHost = await unusableOnHost(host, target)
  return onHost && absent(target, onHost)
}

/** The process that runs was started before what is deployed now. */
async function isOutdated(host: Host, target: Target): Promise<Verdict<Code> | null> {
  const old = await olderPackage(host, target)
  if (old !== null) return oldPackage(target, old, (await host.stat(old)) === null)
  const names = await differingVariables(host, target)
  if (names.length > 0) return oldEnvironment(target, names)
  const meant = await packageOfSystem(host, target)
  return meant === null ? null : otherSystem(target, meant)
}
