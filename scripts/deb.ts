import {existsSync} from 'node:fs'
import {cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {execa} from 'execa'
import manifest from '../package.json' with {type: 'json'}
import {changelog, debianChangelog} from './changelog.ts'

/**
 * Makes deb/prism-doctor_*.deb and, for the architecture of this machine, deb/prism-doctor-node_*.deb
 * with debhelper: packaging/debian/ says what is in them. What is built twice from the same commit
 * is the same, byte for byte.
 */
const root = join(import.meta.dirname, '..')
const packaging = join(root, 'packaging')
const runtime = manifest.devDependencies.node

for (const [program, from] of [
  ['/usr/bin/dpkg-buildpackage', 'dpkg-dev'],
  ['/usr/bin/dh', 'debhelper'],
] as const)
  if (!existsSync(program)) throw new Error(`${program} is missing; run: apt install ${from}`)

// What is in a package has the modes of what is laid out, whoever builds.
process.umask(0o022)
const directory = await mkdtemp(join(tmpdir(), 'prism-doctor-deb-'))
try {
  const source = join(directory, 'prism-doctor')
  await layOut(source)
  await build(source)
  await deliver(join(root, 'deb'))
} finally {
  await rm(directory, {recursive: true, force: true})
}

/** What npm would ship, the runtime, and debian/. */
async function layOut(source: string): Promise<void> {
  await execa('npm', ['run', '--silent', 'build'], {cwd: root, stdio: ['ignore', 2, 2]})
  await unpack(root, source)
  const node = join(directory, 'node')
  await unpack(`node-linux-${process.arch}@${runtime}`, node)
  await cp(join(node, 'bin/node'), join(source, 'node'))

  const debian = join(source, 'debian')
  await cp(join(packaging, 'debian'), debian, {recursive: true})
  await cp(join(packaging, 'systemd'), debian, {recursive: true})
  await mkdir(join(debian, 'completions'))
  for (const [shell, file] of [
    ['bash', 'prism-doctor'],
    ['zsh', '_prism-doctor'],
    ['fish', 'prism-doctor.fish'],
  ] as const) {
    const argv = [join(root, 'bin/run.js'), 'completion', shell]
    const {stdout} = await execa(process.execPath, argv, {stripFinalNewline: false})
    await writeFile(join(debian, 'completions', file), stdout)
  }
  const [homepage] = manifest.homepage.split('#')
  const maintainer = whoBuilds()
  const now = await when()
  const control = (await readFile(join(debian, 'control'), 'utf8'))
    .replace('@maintainer@', maintainer)
    .replace('@homepage@', homepage ?? '')
  await writeFile(join(debian, 'control'), control)
  await writeFile(join(debian, 'changelog'), debianChangelog(changelog(), {maintainer, now}))
  const licences = [join(source, 'LICENSE'), join(source, 'dist/THIRD-PARTY.txt')]
  await writeFile(join(debian, 'prism-doctor.copyright'), await copyright(licences))
  await writeFile(
    join(debian, 'prism-doctor-node.copyright'),
    await copyright([join(node, 'LICENSE')]),
  )
}

/** Licences that every Debian has are not repeated (Debian Policy, 12.5). */
async function copyright(files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8')))
  const text = texts
    .join('\n\n')
    .replace(
      /^( *)Apache License\n[\s\S]*?END OF TERMS AND CONDITIONS$/gm,
      '$1Apache License, Version 2.0: see /usr/share/common-licenses/Apache-2.0.',
    )
  // Node names it, for two files of ICU's build.
  return text.includes('GNU General Public License')
    ? `The GNU General Public License is in /usr/share/common-licenses/GPL-3.\n\n${text}`
    : text
}

/** Unpacks what `npm pack` makes of a package. */
async function unpack(spec: string, target: string): Promise<void> {
  const argv = ['pack', spec, '--silent', '--ignore-scripts', '--pack-destination', directory]
  const {stdout} = await execa('npm', argv)
  await mkdir(target, {recursive: true})
  const tarball = join(directory, stdout.trim())
  // npm dates everything to 1985; as what is made now, dpkg dates it to the commit.
  const options = ['--strip-components=1', '--no-same-owner', '--touch']
  await execa('tar', ['-xzf', tarball, '-C', target, ...options])
  await rm(tarball)
}

/** Debian's own variables decide, as in dch(1). */
function whoBuilds(): string {
  const {DEBFULLNAME, DEBEMAIL} = process.env
  return DEBFULLNAME && DEBEMAIL ? `${DEBFULLNAME} <${DEBEMAIL}>` : manifest.author
}

/** When what is built was written: the last commit, unless the environment says otherwise. */
async function when(): Promise<Date> {
  const given = process.env.SOURCE_DATE_EPOCH
  const git = (): Promise<{stdout: string}> =>
    execa('git', ['log', '-1', '--format=%ct'], {cwd: root})
  return new Date(Number(given ?? (await git()).stdout) * 1000)
}

async function build(source: string): Promise<void> {
  const argv = ['--build=binary', '--no-sign', '--no-check-builddeps', '--no-pre-clean']
  await execa('dpkg-buildpackage', argv, {
    cwd: source,
    stdio: ['ignore', 2, 2],
    extendEnv: false,
    env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', NODE_VERSION: runtime},
  })
}

/** Replaces what was built before. */
async function deliver(target: string): Promise<void> {
  await rm(target, {recursive: true, force: true})
  await mkdir(target)
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.deb')) continue
    // The directory for temporary files may be on another file system.
    await cp(join(directory, name), join(target, name))
    process.stdout.write(`deb/${name}\n`)
  }
}
