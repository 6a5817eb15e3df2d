import {existsSync} from 'node:fs'
import {copyFile, cp, readFile, rm, writeFile} from 'node:fs/promises'
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
import {builder} from '../container/instances.ts'
import {commonProvision, suite} from '../container/paths.ts'
import {runScript} from '../container/trials.ts'
import {buildRoot} from '../midship/build.ts'
import {debianRoot} from '../midship/paths.ts'
import {type Deployment, deployments} from './deployments.ts'
import {checkHealth} from './health.ts'
import {deploymentsLayer, harbour, packages, packagesLayer, rootfs, script} from './paths.ts'
import {library} from './test.ts'

/** Builds what is missing; quick when nothing is. */
export async function build(say: (line: string) => void): Promise<void> {
  if ([debianRoot, packagesLayer, deploymentsLayer].every(path => existsSync(path))) return
  await asBuilder(async () => {
    await buildRoot(say)
    if (!existsSync(packagesLayer))
      await timed(say, `more packages in ${packagesLayer}`, buildPackages)
    if (!existsSync(deploymentsLayer))
      await timed(say, `the deployments in ${deploymentsLayer}`, buildDeployments)
    await removeOutdated(
      [`hosts-${suite}-`, `hosts-debian-${suite}-`],
      [packagesLayer, deploymentsLayer],
    )
  })
}

async function buildPackages(): Promise<void> {
  await buildLayer(packagesLayer, {...harbour, layers: [debianRoot]}, {provision: installPackages})
}

/** With apt in the root, from this machine's own source. */
async function installPackages(root: string): Promise<void> {
  const {mirror, proxy} = await aptSource()
  const names = ['resolv.conf', 'hosts']
  for (const name of names) await copyFile(join('/etc', name), join(root, 'etc', name))
  await writeFile(join(root, 'etc/apt/sources.list'), `deb ${mirror} ${suite} main\n`)
  // Nothing is started: the packages believe that they are configured by an installer.
  await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', {mode: 0o755})
  const install = `
    mount -t proc proc /proc
    trap 'umount /proc' EXIT
    apt-get update -q
    apt-get install -y -q --no-install-recommends -o DPkg::Options::=--force-unsafe-io ${packages.join(' ')}`
  await inRoot(root, install, {DEBIAN_FRONTEND: 'noninteractive', ...proxy})
  for (const path of ['usr/sbin/policy-rc.d', ...names.map(name => `etc/${name}`)]) {
    await rm(join(root, path), {force: true})
  }
  await removeBallast(root)
}

async function inRoot(
  root: string,
  lines: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await execa('chroot', [root, '/bin/bash', '-euo', 'pipefail'], {
    input: lines,
    all: true,
    env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env},
    extendEnv: false,
  }).catch(error => {
    throw new Error(
      `the root could not be prepared:\n${String(error.all).split('\n').slice(-15).join('\n')}`,
    )
  })
}

async function buildDeployments(): Promise<void> {
  await buildLayer(
    deploymentsLayer,
    {...harbour, layers: [packagesLayer, debianRoot]},
    {
      provision: async root => {
        await cp(rootfs, root, {recursive: true})
        await writeFile(
          join(root, 'etc/hosts'),
          '127.0.0.1 localhost\n127.0.1.1 harbour\n::1 localhost\n',
        )
        await writeFile(join(root, 'etc/hostname'), 'harbour\n')
        await inRoot(
          root,
          (await readFile(commonProvision, 'utf8')) + (await script('provision.sh')),
        )
      },
      setUp: async () => {
        for (const deployment of deployments) await setUp(deployment)
      },
    },
  )
}

/** As its administrator does it, and then seen healthy; what was started is stopped again. */
async function setUp(deployment: Deployment): Promise<void> {
  const what = `setting up ${deployment.name}`
  await runScript(builder, await library(deployment), what, await script('setup.sh'))
  const units = [...deployment.enabled, deployment.front]
  await run(builder, ['systemctl', 'start', ...units])
  await checkHealth(builder, deployment)
  await run(builder, ['systemctl', 'stop', ...units])
}
