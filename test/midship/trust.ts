import {run} from '../container/container.ts'
import type {Trial} from '../container/trials.ts'
import {casesOf} from './cases.ts'
import {bootFor, inject} from './test.ts'

const state = '/var/lib/prism-django'

/** Everything of a tree but the time of the last change of an inode, which nobody can set. */
const snapshot = `
[ -d ${state} ] || { echo none; exit 0; }
cd ${state}
find . -printf '%p %y %m %U:%G %n %s %T@ %l\\n' | sort
find . -type f -print0 | sort -z | xargs -0r md5sum`

/** Runs a script for bash inside; throws when it fails. */
async function shell(instance: number, script: string): Promise<string> {
  const {exitCode, stdout, stderr} = await run(instance, ['bash', '-euc', script], {timeout: 300})
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${script}\n${stdout}${stderr}`)
  return stdout
}

/** A healthy machine, or one with a fault, whose service does not come back by itself. */
async function prepare(instance: number, name?: string): Promise<void> {
  const [fault] = name ? casesOf([name]) : []
  await bootFor(instance, fault)
  if (fault) await inject(instance, fault)
  await shell(instance, 'systemctl stop prism-django.service; systemctl reset-failed prism-django.service || true')
}

function undoes(fault: string): Trial {
  return {
    name: `undo-${fault}`,
    async attempt(instance) {
      await prepare(instance, fault)
      const before = await shell(instance, snapshot)
      await shell(instance, 'prism-doctor --fix --yes >/dev/null || true')
      const fixed = await shell(instance, snapshot)
      if (fixed === before) throw new Error('nothing was fixed')
      const said = await shell(instance, 'prism-doctor undo $(prism-doctor undo | sed -n "1s/ .*//p")')
      const after = await shell(instance, snapshot)
      if (after !== before) throw new Error(`undo did not bring back what was:\n${said}`)
    },
  }
}

const many = 3_000

/** `kill -9` at any moment: undo brings back what was, or a second run completes. */
const killed: Trial = {
  name: 'killed-30-times',
  async attempt(instance) {
    await prepare(instance)
    await shell(
      instance,
      `mkdir ${state}/many; cd ${state}/many; seq ${many} | xargs touch; chown -R prism:prism ${state}`,
    )
    const healthy = await shell(instance, snapshot)
    await shell(instance, `chown -R root:root ${state}`)
    const broken = await shell(instance, snapshot)
    let interrupted = 0
    for (let round = 0; round < 30; round += 1) {
      // Five before anything is changed; the others after the journal was begun, wherever a slow machine is by then.
      const early = round < 5
      const delay = (early ? 0.1 + 0.2 * round : 0.005 * 1.25 ** (round - 5)).toFixed(3)
      const begun = early ? 'true' : 'ls /var/lib/prism-doctor/runs/*.jsonl >/dev/null 2>&1'
      await shell(
        instance,
        `setsid prism-doctor --fix --yes >/dev/null 2>&1 & run=$!
        until ${begun} || ! kill -0 $run 2>/dev/null; do sleep 0.002; done
        sleep ${delay}; kill -9 $run 2>/dev/null || true; wait $run || true`,
      )
      const left = await shell(instance, snapshot)
      if (left !== broken && left !== healthy) interrupted += 1
      if (round % 2 === 0) {
        await shell(
          instance,
          'for run in $(prism-doctor undo | sed -n "s/^\\(2[^ ]*\\) .*/\\1/p"); do prism-doctor undo $run >/dev/null || true; done',
        )
        if ((await shell(instance, snapshot)) !== broken)
          throw new Error(`killed after ${delay} s, undo did not bring back what was`)
        await shell(instance, 'rm -rf /var/lib/prism-doctor/runs')
      } else {
        await shell(instance, 'prism-doctor --fix --yes >/dev/null || true')
        if ((await shell(instance, snapshot)) !== healthy)
          throw new Error(`killed after ${delay} s, a second run did not complete`)
        await shell(instance, `chown -R root:root ${state}; rm -rf /var/lib/prism-doctor/runs`)
      }
    }
    if (interrupted === 0) throw new Error('no kill met a run at work: the moments are wrong')
  },
}

const fullDisk: Trial = {
  name: 'disk-full-of-the-journal',
  async attempt(instance) {
    await prepare(instance, 'state-owned-by-root')
    await shell(
      instance,
      'mkdir -p /var/lib/prism-doctor; mount -t tmpfs -o mode=0700,size=16k none /var/lib/prism-doctor',
    )
    const before = await shell(instance, snapshot)
    const said = await shell(instance, 'prism-doctor --fix --yes --json || true')
    if ((await shell(instance, snapshot)) !== before) throw new Error(`something was changed:\n${said}`)
    if (!/ENOSPC/.test(said)) throw new Error(`it does not say why:\n${said}`)
  },
}

const locked: Trial = {
  name: 'one-at-a-time',
  async attempt(instance) {
    await prepare(instance, 'state-owned-by-root')
    await shell(
      instance,
      'mkdir -p /var/lib/prism-doctor; (exec 3<>/var/lib/prism-doctor/lock; flock 3; echo 4711 > /var/lib/prism-doctor/lock; sleep 3) >/dev/null 2>&1 & sleep 0.5',
    )
    const said = await shell(instance, 'prism-doctor --fix --yes 2>&1 || echo "exit $?"')
    if (!/another --fix or undo is at work \(pid 4711\).*\nexit 3/s.test(said)) throw new Error(said)
  },
}

/** What one who may write to the state directory can lay in root's way. */
const traps: Trial = {
  name: 'traps-of-the-service',
  async attempt(instance) {
    await prepare(instance)
    await shell(
      instance,
      `
      cd ${state}; mkdir bound trap
      ln -s /etc/shadow trap/link; ln -s /etc trap/etc; ln /etc/shadow trap/shadow || cp -l /etc/shadow trap/shadow
      mkfifo trap/fifo; mkdir -p /srv/bound; touch /srv/bound/file; mount --bind /srv/bound bound
      touch $'trap/line\\nbreak' $'trap/\\e[31mred' $'trap/\\xff\\xfe'
      chown -h root:root trap trap/* media; chown root:root media trap`,
    )
    const outside = `stat -c '%n %a %U:%G' /etc/shadow /etc/passwd /etc /srv/bound /srv/bound/file`
    const before = await shell(instance, outside)
    const said = await shell(instance, 'prism-doctor --fix --yes --json 2>&1 || true')
    const after = await shell(instance, outside)
    if (after !== before) throw new Error(`outside the state directory was changed:\n${after}`)
    if (/\x1b\[31m/.test(said)) throw new Error('a name reached the terminal as it is')
    const owned = await shell(instance, `stat -c %U ${state}/media ${state}/trap`)
    if (owned !== 'prism\nprism\n') throw new Error(`the directories were not given back:\n${said}`)
  },
}

/** The process says that its static files lie in /etc; the unit does not. */
const environment: Trial = {
  name: 'static-root-of-the-process',
  async attempt(instance) {
    await bootFor(instance, undefined)
    await shell(
      instance,
      `
      unit=/etc/systemd/system/prism-django.service
      sed s,STATIC_ROOT=.*,STATIC_ROOT=/etc, "$(readlink -f $unit)" > /root/unit
      cp --remove-destination /root/unit $unit; systemctl daemon-reload; systemctl stop prism-django.service
      chown root:root ${state}/media`,
    )
    const before = await shell(instance, "find /etc -printf '%p %m %U:%G %T@\\n' | sort | md5sum")
    const said = await shell(instance, 'prism-doctor --fix --yes --disruptive --json 2>&1 || true')
    const after = await shell(instance, "find /etc -printf '%p %m %U:%G %T@\\n' | sort | md5sum")
    if (after !== before) throw new Error(`/etc was changed:\n${said}`)
  },
}

/** Trials of --fix and undo that are no repair of a case. */
export const trust: readonly Trial[] = [
  undoes('state-owned-by-root'),
  undoes('static-0700-behind-nginx'),
  undoes('collected-directory-closed'),
  undoes('state-directory-missing'),
  killed,
  fullDisk,
  locked,
  traps,
  environment,
]
