import {randomBytes} from 'node:crypto'
import {existsSync} from 'node:fs'
import {chmod, cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {execa} from 'execa'
import {end, prepare, run, shutDown, start, stop, waitForBoot} from './container.ts'
import {units, writeStore} from './deployment.ts'
import {checkHealth} from './health.ts'
import {claim, builder as instance} from './instances.ts'
import {cache, debianPackages, debianRoot, deploymentDigest, deploymentLayer, rootfs, suite} from './paths.ts'
import {until} from './processes.ts'
import {text} from './store.ts'

/** Builds what is missing; quick when nothing is. */
export async function build(say: (line: string) => void): Promise<void> {
  if (existsSync(debianRoot) && existsSync(deploymentLayer)) return
  await mkdir(cache, {recursive: true, mode: 0o755})
  await until('another build ends', 900, () => claim(instance))
  try {
    if (!existsSync(debianRoot)) await timed(say, `Debian ${suite} in ${debianRoot}`, buildDebian)
    if (!existsSync(deploymentLayer)) await timed(say, `the deployment in ${deploymentLayer}`, buildDeployment)
    await removeOutdated()
  } finally {
    await stop(instance)
  }
}

/** Removes what earlier inputs of the same suite left in the cache, unless something runs from it. */
async function removeOutdated(): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8')
  for (const name of await readdir(cache)) {
    const path = join(cache, name)
    const isOfSuite = name.startsWith(`${suite}-`) || name.startsWith(`debian-${suite}-`)
    if (!isOfSuite || path === debianRoot || path === deploymentLayer || mounts.includes(path)) continue
    await rm(path, {recursive: true, force: true})
  }
}

async function timed(say: (line: string) => void, what: string, work: () => Promise<void>): Promise<void> {
  const begun = Date.now()
  say(`building ${what}`)
  await work()
  say(`built in ${((Date.now() - begun) / 1000).toFixed(1)} s`)
}

/** This machine's own package mirror, and the proxy that apt would take. */
async function aptSource(): Promise<{mirror: string; proxy: string | undefined}> {
  const targets = await execa('apt-get', [
    ...['indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Identifier: Packages'],
  ])
  const main = targets.stdout
    .split('\n')
    .map(line => line.split(' '))
    .find(([, release, component]) => component === 'main' && release && !release.includes('-'))
  if (!main?.[0]) throw new Error('apt has no source from which Debian could be installed')
  const config = await execa('apt-config', ['dump', '--format', '%v', 'Acquire::http::Proxy'])
  return {mirror: main[0], proxy: config.stdout.trim() || undefined}
}

async function buildDebian(): Promise<void> {
  const {mirror, proxy} = await aptSource()
  const target = `${debianRoot}.building`
  await rm(target, {recursive: true, force: true})
  await mkdir(target, {mode: 0o755})
  // In memory: dpkg syncs every file that it writes, which takes minutes on a disk.
  await execa('mount', ['-t', 'tmpfs', '-o', 'mode=755,size=4g', 'midship', target])
  try {
    const root = join(target, 'root')
    // debootstrap has no script of this name for every later release; they are all the same one.
    const named = `/usr/share/debootstrap/scripts/${suite}`
    const script = existsSync(named) ? named : '/usr/share/debootstrap/scripts/sid'
    await execa('debootstrap', ['--variant=minbase', `--include=${debianPackages}`, suite, root, mirror, script], {
      all: true,
      ...(proxy ? {env: {http_proxy: proxy}} : {}),
    }).catch(error => {
      throw new Error(`debootstrap failed:\n${String(error.all).split('\n').slice(-15).join('\n')}`)
    })
    for (const path of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']) {
      await rm(join(root, path), {recursive: true, force: true})
    }
    // debootstrap copies these from the machine that it runs on.
    for (const path of ['etc/resolv.conf', 'etc/hostname']) await rm(join(root, path), {force: true})
    await rm(`${debianRoot}.copying`, {recursive: true, force: true})
    await execa('cp', ['--archive', root, `${debianRoot}.copying`])
  } finally {
    await execa('umount', ['--lazy', target])
    await rm(target, {recursive: true, force: true})
  }
  await rename(`${debianRoot}.copying`, debianRoot)
}

async function buildDeployment(): Promise<void> {
  const building = `${deploymentLayer}.building`
  await rm(building, {recursive: true, force: true})
  await mkdir(building, {mode: 0o755})
  const root = await prepare(instance, building)
  try {
    await provision(root)
    await start(instance)
    await waitForBoot(instance)
    await createSuperuser()
    await checkHealth(instance)
    await shutDown(instance)
    // What only the first boot wrote.
    for (const path of ['var/tmp', 'tmp']) await emptyDirectory(join(root, path))
    await writeFile(join(root, 'var/log/nginx/access.log'), '')
  } finally {
    await end(instance)
  }
  await rename(join(building, 'upper'), deploymentLayer)
  await rm(building, {recursive: true, force: true})
}

const emptyDirectory = (path: string) => execa('find', [path, '-mindepth', '1', '-delete'])

async function provision(root: string): Promise<void> {
  const store = await writeStore(root, deploymentDigest)
  const system = join(root, 'etc/systemd/system')
  // What Debian's packages would start: this host has units of its own.
  await execa('find', [system, '-type', 'l', '-lname', '*/lib/systemd/system/*', '-delete'])
  for (const [key, [name, target]] of Object.entries(units)) {
    await symlink(`${store.path(key)}/${name}`, join(system, name))
    await mkdir(join(system, `${target}.wants`), {recursive: true})
    await symlink(`../${name}`, join(system, `${target}.wants`, name))
  }
  await writeFile(join(root, 'etc/tmpfiles.d/00-nixos.conf'), store.fill(await text(join(rootfs, 'etc/tmpfiles.conf'))))
  await cp(join(rootfs, 'etc/hosts'), join(root, 'etc/hosts'))
  await writeFile(join(root, 'etc/NIXOS'), '')
  // Debian's is a link into /usr, which must not be written through.
  await rm(join(root, 'etc/os-release'), {force: true})
  await cp(join(rootfs, 'etc/os-release'), join(root, 'etc/os-release'))
  await writeFile(join(root, 'etc/hostname'), 'midship\n')
  await mkdir(join(root, 'opt/prism-doctor'), {recursive: true})
  await mkdir(join(root, 'opt/node/bin'), {recursive: true})
  await writeFile(join(root, 'opt/node/bin/node'), '')
  await writeExecutable(
    join(root, 'usr/local/bin/prism-doctor'),
    '#!/bin/sh\nexec /opt/node/bin/node /opt/prism-doctor/bin/run.js "$@"\n',
  )
  // Made anew at every build and never shown: an instance can be as careless with them as a test needs.
  const password = secret()
  await mkdir(join(root, 'var/lib/sops-nix'), {mode: 0o700})
  await writeFile(
    join(root, 'var/lib/sops-nix/prism-env'),
    `SECRET_KEY=${secret()}${secret()}\nPOSTGRES_USER=prism\nPOSTGRES_PASSWORD=${password}\n`,
    {mode: 0o400},
  )
  await execa('chroot', [root, '/bin/bash', '-euo', 'pipefail'], {
    input: await readFile(join(rootfs, 'provision.sh'), 'utf8'),
    env: {
      PATH: '/usr/bin:/usr/sbin',
      package: store.path('prism'),
      python: store.path('python'),
      postgresql: store.path('postgresql'),
      postgresql_conf: store.path('postgresql-conf'),
      system: store.path('system'),
      password,
    },
    extendEnv: false,
  })
  await store.seal()
}

const secret = (): string => randomBytes(30).toString('base64url')

async function writeExecutable(path: string, content: string): Promise<void> {
  await writeFile(path, content)
  await chmod(path, 0o755)
}

/** As the operator does it after the first deployment; the password is known to nobody but root. */
async function createSuperuser(): Promise<void> {
  const script = `
    unit=/etc/systemd/system/prism-django.service
    umask 077
    echo ${secret()} > /root/admin-password
    package=$(sed -n 's/^WorkingDirectory=//p' $unit)
    ( sed -n 's/^Environment=\\([^"]\\)/\\1/p' $unit; cat /run/secrets/prism-env
      echo "DJANGO_SUPERUSER_PASSWORD=$(cat /root/admin-password)" ) > /run/superuser-env
    systemd-run --quiet --wait --pipe --collect --uid=prism -p EnvironmentFile=/run/superuser-env \\
      -p WorkingDirectory="$package" "$package/../../bin/prism-manage" \\
      createsuperuser --noinput --username=admin --email=admin@midship.local
    rm /run/superuser-env`
  const {exitCode, stderr} = await run(instance, ['bash', '-euo', 'pipefail'], {input: script})
  if (exitCode !== 0) throw new Error(`no superuser could be created: ${stderr}`)
}
