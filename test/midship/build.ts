import {randomBytes} from 'node:crypto'
import {existsSync} from 'node:fs'
import {cp, mkdir, rename, rm, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {execa} from 'execa'
import {
  aptSource,
  asBuilder,
  buildLayer,
  removeBallast,
  removeOutdated,
  timed,
} from '../container/build.ts'
import {run} from '../container/container.ts'
import {builder as instance} from '../container/instances.ts'
import {commonProvision, suite} from '../container/paths.ts'
import {units, writeStore} from './deployment.ts'
import {checkHealth} from './health.ts'
import {
  debianPackages,
  debianRoot,
  deploymentDigest,
  deploymentLayer,
  midship,
  rootfs,
} from './paths.ts'
import {text} from './store.ts'

/** Builds what is missing; quick when nothing is. */
export async function build(say: (line: string) => void): Promise<void> {
  if (existsSync(debianRoot) && existsSync(deploymentLayer)) return
  await asBuilder(async () => {
    await buildRoot(say)
    if (!existsSync(deploymentLayer))
      await timed(say, `the deployment in ${deploymentLayer}`, buildDeployment)
    await removeOutdated([`${suite}-`, `debian-${suite}-`], [debianRoot, deploymentLayer])
  })
}

/** Builds Debian alone, where it is missing; for whoever holds the right to build. */
export async function buildRoot(say: (line: string) => void): Promise<void> {
  if (!existsSync(debianRoot)) await timed(say, `Debian ${suite} in ${debianRoot}`, buildDebian)
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
    await execa(
      'debootstrap',
      ['--variant=minbase', `--include=${debianPackages}`, suite, root, mirror, script],
      {
        all: true,
        env: proxy,
      },
    ).catch(error => {
      throw new Error(`debootstrap failed:\n${String(error.all).split('\n').slice(-15).join('\n')}`)
    })
    await removeBallast(root)
    await rm(`${debianRoot}.copying`, {recursive: true, force: true})
    await execa('cp', ['--archive', root, `${debianRoot}.copying`])
  } finally {
    await execa('umount', ['--lazy', target])
    await rm(target, {recursive: true, force: true})
  }
  await rename(`${debianRoot}.copying`, debianRoot)
}

async function buildDeployment(): Promise<void> {
  await buildLayer(
    deploymentLayer,
    {...midship, layers: [debianRoot]},
    {
      provision,
      setUp: async () => {
        await createSuperuser()
        await checkHealth(instance)
      },
      tidy: root => writeFile(join(root, 'var/log/nginx/access.log'), ''),
    },
  )
}

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
  await writeFile(
    join(root, 'etc/tmpfiles.d/00-nixos.conf'),
    store.fill(await text(join(rootfs, 'etc/tmpfiles.conf'))),
  )
  await cp(join(rootfs, 'etc/hosts'), join(root, 'etc/hosts'))
  await writeFile(join(root, 'etc/NIXOS'), '')
  // Debian's is a link into /usr, which must not be written through.
  await rm(join(root, 'etc/os-release'), {force: true})
  await cp(join(rootfs, 'etc/os-release'), join(root, 'etc/os-release'))
  await writeFile(join(root, 'etc/hostname'), 'midship\n')
  // Made anew at every build and never shown: an instance can be as careless with them as a test
  // needs.
  const password = secret()
  await mkdir(join(root, 'var/lib/sops-nix'), {mode: 0o700})
  await writeFile(
    join(root, 'var/lib/sops-nix/prism-env'),
    `SECRET_KEY=${secret()}${secret()}\nPOSTGRES_USER=prism\nPOSTGRES_PASSWORD=${password}\n`,
    {mode: 0o400},
  )
  await execa('chroot', [root, '/bin/bash', '-euo', 'pipefail'], {
    input: (await text(commonProvision)) + (await text(join(rootfs, 'provision.sh'))),
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
