import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {findPackageManager} from '../../platform/release.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {factOf} from './facts.ts'

/** The packages that dpkg has installed, and their versions; none on a system that has others. */
export async function debianPackages(host: Host): Promise<readonly Seen[]> {
  if ((await findPackageManager(host)) !== 'dpkg') return []
  const argv = [
    'dpkg-query',
    '--show',
    `--showformat=\${db:Status-Abbrev} \${Package} \${Version}\\n`,
  ]
  const answer = await ifTold(host.exec(argv, {question: 'packages of dpkg'}))
  if (answer?.exitCode !== 0) return []
  const facts = answer.stdout.split('\n').flatMap(line => {
    const [, name, version] = /^[ih]i\s+(\S+) (\S+)$/.exec(line) ?? []
    return name && version ? [factOf(`dpkg/${name}`, 'dpkg-query', version)] : []
  })
  return [whole('dpkg/'), ...facts]
}
