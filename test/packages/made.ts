import {appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {execa} from 'execa'
import manifest from '../../package.json' with {type: 'json'}
import {repository} from '../container/paths.ts'

/** What a machine is given to install. */
export interface Packages {
  /** Holds all of the files, and nothing else. */
  readonly directory: string
  /** prism-doctor and its runtime, by their files' names. */
  readonly doctor: string
  readonly runtime: string
  /** prism-doctor of an earlier version, with another configuration. */
  readonly earlier: string
}

/** The packages of `npm run deb`, which makes them `again` where they are not to be taken as is. */
export async function made({again}: {readonly again: boolean}): Promise<Packages> {
  if (again) {
    const argv = [join(repository, 'scripts/deb.ts')]
    await execa(process.execPath, argv, {stdio: ['ignore', 'ignore', 'inherit']})
  }
  const directory = await mkdtemp(join(tmpdir(), 'prism-doctor-packages-'))
  await cp(join(repository, 'deb'), directory, {recursive: true})
  const names = await readdir(directory)
  const named = (package_: string): string => {
    const name = names.find(each => each.startsWith(`${package_}_`))
    if (name === undefined) throw new Error(`npm run deb made no ${package_}`)
    return name
  }
  const doctor = named('prism-doctor')
  return {
    directory,
    doctor,
    runtime: named('prism-doctor-node'),
    earlier: await age(directory, doctor),
  }
}

/** Makes a version 0.0.1 of a package, with a line more in its configuration. */
async function age(directory: string, name: string): Promise<string> {
  const tree = join(directory, 'tree')
  await execa('dpkg-deb', ['-R', join(directory, name), tree])
  const control = await readFile(join(tree, 'DEBIAN/control'), 'utf8')
  const aged = control.replace(`\nVersion: ${manifest.version}\n`, '\nVersion: 0.0.1\n')
  if (aged === control) throw new Error(`${name} is not of version ${manifest.version}`)
  await writeFile(join(tree, 'DEBIAN/control'), aged)
  await appendFile(join(tree, 'etc/prism-doctor/config.toml'), '# As it was in 0.0.1.\n')
  const earlier = 'prism-doctor_0.0.1_all.deb'
  await execa('dpkg-deb', ['-Zgzip', '-b', tree, join(directory, earlier)])
  await rm(tree, {recursive: true})
  return earlier
}
