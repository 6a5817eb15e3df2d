import type {Host} from '../../host/host.ts'
import {declaredEnvironment, splitWords} from '../../host/unit.ts'
import type {Target} from '../target/target.ts'
import {showProperty} from '../unit/systemd.ts'

/**
 * Names that a wrapper extends on the way, or that belong to the system rather than to the
 * application.
 */
const ofTheSystem = /^(?:\w*PATH|\w*_DIRS|LOCALE_ARCHIVE|TZDIR|LANG|LC_\w+|PYTHON\w+|LD_\w+)$/

/**
 * The variables that have another value in the process than in the unit: after daemon-reload
 * systemctl shows the new environment, and the process still has the old one. Empty where nobody
 * may see the process's.
 */
export async function differingVariables(host: Host, target: Target): Promise<readonly string[]> {
  const {unit, running, secretsFiles, server} = target
  if (!running) return []
  const isJudgedElsewhere = (name: string): boolean =>
    name === 'STATIC_ROOT' ||
    secretsFiles.some(({variables}) => variables === null || variables.has(name))
  const differing = [...declaredEnvironment(unit)]
    .filter(([name, value]) => running.get(name) !== value)
    .map(([name]) => name)
    .filter(
      name => !ofTheSystem.test(name) && !server.touched.has(name) && !isJudgedElsewhere(name),
    )
  if (differing.every(name => running.has(name))) return differing
  const removed = splitWords((await showProperty(host, unit, 'UnsetEnvironment')) ?? '')
  return differing.filter(name => !removed.some(each => each.split('=')[0] === name))
}
