import {cp, readdir} from 'node:fs/promises'
import {join, relative} from 'node:path'
import {execa} from 'execa'
import manifest from '../../package.json' with {type: 'json'}
import {run} from '../container/container.ts'
import {directory as home} from '../container/instances.ts'
import {repository} from '../container/paths.ts'
import type {Trial} from '../container/trials.ts'
import {bakery} from '../hosts/deployments.ts'
import {boot} from '../hosts/machine.ts'
import {installed} from '../programs.ts'
import type {Packages} from './made.ts'

/** Where the packages lie on the machine. */
const there = '/srv/packages'

/** What its administrator has written into the configuration. */
const edit = `unit = "${bakery.unit}"`

/** What becomes of the packages on a machine, from the first installation to the purge. */
export function trials({directory, doctor, runtime, earlier}: Packages): readonly Trial[] {
  return [
    {
      name: 'lintian finds nothing in either package',
      attempt: async () => {
        const lintian = installed('lintian')
        if (lintian === null) throw new Error('lintian is not installed')
        const argv = ['--allow-root', '--fail-on', 'error,warning', doctor, runtime]
        await execa(lintian, argv, {cwd: directory, all: true})
      },
    },
    {
      name: 'apt refuses prism-doctor where there is no Node that it runs on',
      attempt: async instance => {
        await boot(instance, bakery)
        // The checkout's, which the other suites run.
        await sh(instance, 'rm /usr/local/bin/prism-doctor')
        await cp(directory, join(home(instance), 'root', there), {recursive: true})
        const {exitCode, stdout} = await apt(instance, `install ./${doctor}`)
        if (exitCode === 0 || !stdout.includes('prism-doctor-node'))
          throw new Error(`apt ended with ${exitCode}: ${stdout}`)
      },
    },
    {
      name: 'apt installs an earlier version and the runtime from their files, without a network',
      attempt: async instance => {
        await succeed(instance, `install ./${earlier} ./${runtime}`)
        const {stdout} = await sh(instance, 'prism-doctor --version')
        const version = `prism-doctor/${manifest.version} linux-${process.arch} node-v${manifest.devDependencies.node}`
        expect('--version', stdout, `${version}\n`)
      },
    },
    {
      name: 'nothing looks at the deployment before it is asked to',
      attempt: async instance => {
        const ask = ['is-enabled', 'is-active']
          .map(what => `systemctl ${what} prism-doctor.timer || true`)
          .join('\n')
        expect('the timer', (await sh(instance, ask)).stdout, 'disabled\ninactive\n')
      },
    },
    {
      name: 'the service says in the journal what it found',
      attempt: async instance => {
        await sh(instance, `sed -i '1i ${edit}' /etc/prism-doctor/config.toml`)
        await sh(instance, 'systemctl start prism-doctor.service')
        const {stdout} = await sh(instance, 'journalctl -u prism-doctor.service -o cat --no-pager')
        if (!stdout.includes('Nothing is wrong')) throw new Error(`the journal says: ${stdout}`)
        await sh(instance, `systemctl start ${ofInstance}.service`)
        expect('the metrics', (await sh(instance, listed)).stdout, metrics)
      },
    },
    {
      name: 'what monitors need is there, as it is in the repository',
      attempt: async instance => {
        const needed = `cd /usr/share/doc/prism-doctor/examples; find * -type f`
        const {stdout} = await sh(instance, needed)
        for (const file of await readdir(monitoring, {recursive: true, withFileTypes: true}))
          if (file.isFile()) {
            const name = relative(monitoring, join(file.parentPath, file.name))
            if (!stdout.split('\n').includes(name)) throw new Error(`no ${name} in ${stdout}`)
          }
      },
    },
    {
      name: 'what root compiled lies in /var/cache, and nothing beside the program',
      attempt: async instance => {
        await sh(instance, 'ls /var/cache/prism-doctor/compile/v*/*')
        const strays = `find /usr/lib/prism-doctor | grep -vxF "$(dpkg -L prism-doctor prism-doctor-node)" || true`
        expect('strays', (await sh(instance, strays)).stdout, '')
      },
    },
    {
      name: 'the manual page and the completion of bash are where they are looked for',
      attempt: async instance => {
        const page = await sh(instance, 'zcat /usr/share/man/man1/prism-doctor.1.gz')
        if (!page.stdout.includes('.SH NAME')) throw new Error(`no manual page: ${page.stdout}`)
        // An interactive bash does not end at a command that fails.
        const complete = `set +e
          . /usr/share/bash-completion/completions/prism-doctor
          COMP_LINE='prism-doctor expl' COMP_POINT=17 COMP_CWORD=1 COMP_WORDS=(prism-doctor expl)
          "$(complete -p prism-doctor | sed -E 's/.*-F ([^ ]+).*/\\1/')" prism-doctor expl prism-doctor
          echo "\${COMPREPLY[@]}"`
        expect('the completion', (await sh(instance, complete)).stdout.trim(), 'explain')
      },
    },
    {
      name: 'an upgrade keeps the configuration, and the timers that are enabled',
      attempt: async instance => {
        await sh(instance, `systemctl enable --now ${timers}`)
        await sh(
          instance,
          'mkdir -p /var/lib/prism-doctor/runs && touch /var/lib/prism-doctor/runs/x',
        )
        await succeed(instance, `-o Dpkg::Options::=--force-confold install ./${doctor}`)
        const now = await sh(instance, "dpkg -s prism-doctor | sed -n 's/^Version: //p'")
        expect('the version', now.stdout, `${manifest.version}\n`)
        await sh(instance, `grep -qx '${edit}' /etc/prism-doctor/config.toml`)
        await sh(instance, 'test -e /etc/prism-doctor/config.toml.dpkg-dist')
        const {stdout} = await sh(instance, `systemctl is-active ${timers}`)
        expect('the timers', stdout, 'active\nactive\n')
      },
    },
    {
      name: 'the runtime alone can be removed where another Node is there',
      attempt: async instance => {
        const {stderr} = await sh(
          instance,
          `mv /usr/lib/prism-doctor/node /srv/node
           ! prism-doctor --version
           ln -s /srv/node /usr/bin/node
           prism-doctor --version > /dev/null
           rm /usr/bin/node
           mv /srv/node /usr/lib/prism-doctor/node`,
        )
        const sentence =
          'prism-doctor needs Node.js 22.13 or newer and there is none; install prism-doctor-node\n'
        expect('the sentence', stderr, sentence)
      },
    },
    {
      name: 'a removal ends the timers, and keeps the configuration and the journal of --fix',
      attempt: async instance => {
        await succeed(instance, 'remove prism-doctor')
        const {stdout} = await sh(instance, `systemctl is-active ${timers} || true`)
        expect('the timers', stdout, 'inactive\ninactive\n')
        await sh(instance, '! test -e /usr/bin/prism-doctor')
        await sh(instance, 'test -e /etc/prism-doctor/config.toml')
        await sh(instance, 'test -e /var/lib/prism-doctor/runs/x')
        // Or PrismDoctorStale would never end.
        expect('the metrics', (await sh(instance, listed)).stdout, '')
      },
    },
    {
      name: 'a purge leaves nothing behind',
      attempt: async instance => {
        await succeed(instance, 'purge prism-doctor prism-doctor-node')
        const left = `
          find / -xdev -name '*prism-doctor*' ! -path '/proc/*' ! -path '${there}*' ! -path /opt/prism-doctor
          grep -l prism-doctor /var/lib/dpkg/status || true`
        expect('left', (await sh(instance, left)).stdout, '')
      },
    },
  ]
}

const ofInstance = `prism-doctor@${bakery.unit.replace('.service', '')}`
const timers = `prism-doctor.timer ${ofInstance}.timer`

/** The files for node_exporter, of the one and of the other. */
const listed = 'ls /var/lib/prometheus/node-exporter'
const metrics = `${ofInstance.replace('@', '-')}.prom\nprism-doctor.prom\n`

const monitoring = join(repository, 'packaging/monitoring')

/** Throws unless the script succeeds in each of its commands. */
async function sh(instance: number, script: string) {
  const answer = await run(instance, ['bash', '-ec', script], {timeout: 120})
  if (answer.exitCode === 0) return answer
  throw new Error(`${script} (${answer.exitCode}): ${answer.stdout}${answer.stderr}`)
}

const apt = (instance: number, args: string) =>
  run(
    instance,
    ['bash', '-c', `cd ${there} && DEBIAN_FRONTEND=noninteractive apt-get -q -y ${args} 2>&1`],
    {timeout: 120},
  )

async function succeed(instance: number, args: string): Promise<void> {
  const {exitCode, stdout} = await apt(instance, args)
  if (exitCode !== 0) throw new Error(`apt-get ${args} (${exitCode}): ${stdout}`)
}

function expect(what: string, seen: string, wanted: string): void {
  if (seen !== wanted)
    throw new Error(`${what}: ${JSON.stringify(seen)}, expected ${JSON.stringify(wanted)}`)
}
