import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {findPackageManager} from '../../platform/release.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {factOf} from './facts.ts'

const asked = {
  rpm: {
    argv: ['rpm', '-qa', '--queryformat', '%{NAME} %{EVR}.%{ARCH}\\n'],
    question: 'packages of rpm',
    source: 'rpm -qa',
  },
  pacman: {argv: ['pacman', '-Q'], question: 'packages of pacman', source: 'pacman -Q'},
} as const

/**
 * The packages that rpm or pacman has installed, with all versions that stand side by side, as those
 * of a kernel do; none on a system that has others.
 */
export async function otherPackages(host: Host): Promise<readonly Seen[]> {
  const manager = await findPackageManager(host)
  if (manager === null || manager === 'dpkg') return []
  const {argv, question, source} = asked[manager]
  const answer = await ifTold(host.exec([...argv], {question}))
  if (answer?.exitCode !== 0) return []
  const lines = answer.stdout.split('\n').flatMap(line => {
    const [, name, version] = /^(\S+) (\S+)$/.exec(line) ?? []
    return name && version ? [{name, version}] : []
  })
  // No system is without packages: a database that is not there answers like that.
  if (lines.length === 0) return []
  const prefix = `${manager}/`
  const facts = [...Map.groupBy(lines, ({name}) => name)].map(([name, all]) => {
    const versions = all.map(({version}) => version).sort()
    return factOf(`${prefix}${name}`, source, versions.join(', '))
  })
  return [whole(prefix), ...facts]
}
