import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {findPackageManager} from '../../platform/release.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {oncePerHost} from '../once-per-host.ts'
import {factOf} from './facts.ts'

/** What each package manager is asked, and how it prints a package that is installed. */
const managers = {
  dpkg: {
    argv: ['dpkg-query', '--show', `--showformat=\${db:Status-Abbrev} \${Package} \${Version}\\n`],
    line: /^[ih]i\s+(\S+) (\S+)$/,
  },
  rpm: {argv: ['rpm', '-qa', '--queryformat', '%{NAME} %{EVR}.%{ARCH}\\n'], line: /^(\S+) (\S+)$/},
  pacman: {argv: ['pacman', '-Q'], line: /^(\S+) (\S+)$/},
} as const

/**
 * The packages that are installed, with all versions that stand side by side, as those of a kernel
 * do; none on NixOS, whose are in a store.
 */
export const installedPackages = oncePerHost(async (host: Host): Promise<readonly Seen[]> => {
  const manager = await findPackageManager(host)
  if (manager === null) return []
  const {argv, line} = managers[manager]
  const answer = await ifTold(host.exec(argv, {question: `packages of ${manager}`}))
  if (answer?.exitCode !== 0) return []
  const packages = answer.stdout.split('\n').flatMap(printed => {
    const [, name, version] = line.exec(printed) ?? []
    return name && version ? [{name, version}] : []
  })
  // No system is without packages: a database that is not there answers like that.
  if (packages.length === 0) return []
  const source = argv.slice(0, 2).join(' ')
  const facts = [...Map.groupBy(packages, ({name}) => name)].map(([name, all]) => {
    const versions = all.map(({version}) => version).sort()
    return factOf(`${manager}/${name}`, source, versions.join(', '))
  })
  return [whole(`${manager}/`), ...facts]
})
