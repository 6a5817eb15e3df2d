import type {Trial} from '../container/trials.ts'
import {casesOf} from './cases.ts'
import {shapes} from './shapes.ts'
import {shell} from './shell.ts'
import {bootFor, inject} from './test.ts'

const state = '/var/lib/prism-django'

/** Everything of a tree but the time of the last change of an inode, which nobody can set. */
const snapshot = `
[ -d ${state} ] || { echo none; exit 0; }
cd ${state}
find . -printf '%p %y %m %U:%G %n %s %T@ %l\\n' | sort
find . -type f -print0 | sort -z | xargs -0r md5sum`

/** A healthy machine, or one with a fault, whose service does not come back by itself. */
async function prepare(instance: number, name?: string): Promise<void> {
  const [fault] = name ? casesOf([name]) : []
  await bootFor(instance, fault)
  if (fault) await inject(instance, fault)
  await shell(
    instance,
    'systemctl stop prism-django.service; systemctl reset-failed prism-django.service || true',
  )
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
      const said = await shell(
        instance,
        'prism-doctor undo $(prism-doctor undo | sed -n "1s/ .*//p")',
      )
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
      // Five before anything is changed; the others after the journal was begun, wherever a slow
      // machine is by then.
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
    if ((await shell(instance, snapshot)) !== before)
      throw new Error(`something was changed:\n${said}`)
    if (!/ENOSPC/.test(said)) throw new Error(`it does not say why:\n${said}`)
  },
}

/** Owner and mode of one directory, while nobody can be told what became of it. */
const lost: Trial = {
  name: 'answer-lost-of-two-steps',
  async attempt(instance) {
    await prepare(instance)
    const said = await shell(
      instance,
      `
      cd ${state}; chown root:root staticfiles; chmod 0700 staticfiles
      prism-doctor --fix --yes 2>&1 >/dev/full | tail -n 1; echo "exit \${PIPESTATUS[0]}"
      stat -c '%U %a' staticfiles
      prism-doctor undo | grep -c entr
      run=$(prism-doctor undo | sed -n '1s/ .*//p')
      for out in /dev/full /dev/null; do prism-doctor undo $run 2>&1 >$out || echo "exit $?"; done
      stat -c '%U %a' staticfiles`,
    )
    const stdout =
      'prism-doctor: standard output cannot be written \\(ENOSPC\\), so .*; send it elsewhere'
    const expected = [
      `${stdout}; --fix carried out 2 of 3 steps: sudo prism-doctor undo (\\S+)`,
      'exit 3',
      'prism 755',
      '2',
      `${stdout}; \\1 was put back all the same, as far as it could be`,
      'exit 3',
      'prism-doctor: \\1 was put back already .*',
      'exit 3',
      'root 700',
    ]
    if (!new RegExp(`^${expected.join('\n')}\n$`).test(said)) throw new Error(said)
  },
}

/** chown(2) and chmod(2) take these away. */
const attributes: Trial = {
  name: 'capabilities-and-access-lists',
  async attempt(instance) {
    await prepare(instance)
    const said = await shell(
      instance,
      `
      cd ${state}; mkdir own; cp /bin/true own/server; setcap cap_net_raw+ep own/server
      touch own/plain; chmod 0600 own/plain; setfacl -m u:nobody:rwx,m::r own/plain
      seen() { getcap own/server; getfacl -c own/plain; stat -c '%U' own/server own/plain; }
      seen > /root/before; prism-doctor --fix --yes >/dev/null 2> /root/plan || true; seen | diff /root/before - || true
      tr -s '\\n ' ' ' < /root/plan | grep -o 'own/server: it has file capabilities'`,
    )
    const expected = `9c9\n< root\n---\n> prism\nown/server: it has file capabilities\n`
    if (said !== expected) throw new Error(said)
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
    if (!/another --fix or undo is at work \(pid 4711\).*\nexit 3/s.test(said))
      throw new Error(said)
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

const node = '/opt/node/bin/node /opt/prism-doctor'

/** Boots the deployment, and beside it units that are made otherwise. */
async function bootShapes(instance: number): Promise<readonly string[]> {
  await bootFor(instance, undefined)
  await shell(
    instance,
    `echo secret > /etc/shape-token; chmod 600 /etc/shape-token; mkdir -p /etc/shape
    printf 'OVERRULED=by-the-file\\nQUOTED_THERE="a\\\\"b"\\n' > /etc/shape-env
    mkdir -p /srv/root/{usr,etc,proc,dev,run,var/lib,tmp}; cd /srv/root
    for name in bin lib lib64; do ln -sfn usr/$name $name; done`,
  )
  for (const [name, text] of Object.entries(shapes))
    await shell(instance, `cat > /etc/systemd/system/${name} <<'UNIT'\n${text}UNIT`)
  const units = Object.keys(shapes).map(name => name.replace('@.', '@one.'))
  await shell(instance, `systemctl daemon-reload; systemctl start ${units.join(' ')}`)
  return ['prism-django.service', ...units]
}

/**
 * A program that is run as a unit has what the service's own process has, also of a unit that is
 * made otherwise.
 */
const asUnit: Trial = {
  name: 'as-the-unit',
  async attempt(instance) {
    const units = await bootShapes(instance)
    const state =
      "find /var/lib /var/cache /var/log/private /run/shape -not -path '*/journal/*' -printf '%p %m %U:%G %T@\\n' | sort"
    const before = await shell(instance, state)
    const wrong: string[] = []
    for (const unit of units) {
      const said = await shell(instance, `${node}/test/midship/compare.ts ${unit} 2>/dev/null`)
      if (said !== '') wrong.push(`${unit}:\n${said}`)
    }
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    if ((await shell(instance, state)) !== before) throw new Error('looking has changed files')
    const credentials = await shell(
      instance,
      `prism-doctor run --unit shape@one -- sh -c 'cat $CREDENTIALS_DIRECTORY/*'`,
    )
    if (credentials !== 'secret\none two')
      throw new Error(`the credentials are ${JSON.stringify(credentials)}`)
  },
}

/** What the unit is given is nobody else's to read, and nothing remains of it. */
const silent: Trial = {
  name: 'as-the-unit-in-silence',
  async attempt(instance) {
    await bootShapes(instance)
    const said = await shell(
      instance,
      `journalctl --sync; since=$(date +%s)
      prism-doctor run --unit shape@one -- sleep 3 & sleep 1.5
      unit=$(systemctl list-units --plain --no-legend 'prism-doctor-*' | cut -d' ' -f1)
      [ -n "$unit" ] || { echo 'no unit runs'; exit 1; }
      echo "environment: $(systemctl show -p Environment --value $unit)"
      echo "seen: $(for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; done 2>/dev/null | grep -ac by-the-uni[t])"
      echo "files: $(stat -c '%a %U' /run/prism-doctor)"
      wait
      prism-doctor run --unit shape@one -- sh -c 'exit 9' || echo "exit $?"
      prism-doctor run --unit shape@one -- sh -c 'sleep 100 & exit 0'
      prism-doctor run --unit shape@one -- sh -c 'kill -TERM $$' || echo "exit $?"
      echo "left: $(ls /run/prism-doctor | wc -l) $(systemctl list-units --all --no-legend 'prism-doctor-*' | wc -l) $(pgrep -c -f '^sleep 100')"
      journalctl --sync; echo "journal: $(journalctl -q --since=@$since -o cat | grep -c prism-doctor-)"`,
    )
    const expected = `environment: \nseen: 0\nfiles: 700 root\nexit 9\nexit 143\nleft: 0 0 0\njournal: 0\n`
    if (said !== expected) throw new Error(said)
  },
}

/**
 * What cannot be started as the unit says so, and is told from a program that ends with the same
 * code.
 */
const unstartable: Trial = {
  name: 'as-the-unit-that-cannot-start',
  async attempt(instance) {
    await bootShapes(instance)
    const said = await shell(
      instance,
      `prism-doctor run --unit number -- sh -c 'exit 226' 2>&1 || echo "exit $?"
      sed -i 's,^PrivateMounts=.*,BindPaths=/srv/gone,' /etc/systemd/system/number.service; systemctl daemon-reload
      prism-doctor run --unit number -- true 2>&1 || echo "exit $?"
      wc -l < /var/lib/number/starts`,
    )
    if (
      !/^exit 226\nprism-doctor: systemd could not start .*226\/NAMESPACE: .*\/srv\/gone.*\nexit 226\n1\n$/.test(
        said,
      )
    )
      throw new Error(said)
  },
}

/**
 * A database that was frozen is told of in time, nothing that was started for that remains, and no
 * command line of it showed a secret.
 */
const frozen: Trial = {
  name: 'database-frozen',
  async attempt(instance) {
    await bootFor(instance, undefined)
    const said = await shell(
      instance,
      `secrets=$(sed -nE 's/^(SECRET_KEY|POSTGRES_PASSWORD)=//p' /var/lib/sops-nix/prism-env)
      [ -n "$secrets" ]
      cluster=$(pgrep -u postgres -x postgres)
      kill -STOP $cluster
      (prism-doctor --timeout 10 --json > /run/said || echo "exit $?" > /run/ended) &
      while kill -0 $! 2>/dev/null; do
        for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline || true; done >> /run/argv 2>/dev/null
        sleep 0.05
      done
      kill -CONT $cluster
      cat /run/ended
      echo "seen: $(grep -acF "$secrets" /run/argv) of $(grep -ac systemd-run /run/argv | sed 's/^[1-9].*/some/')"
      sleep 2
      echo "left: $(systemctl list-units --all --no-legend 'prism-doctor-*' | wc -l) $(pgrep -c -f '/(eyes|digests|postgres)-child')"
      cat /run/said`,
    )
    const [ended, seen, left, ...lines] = said.split('\n')
    const report = JSON.parse(lines.join('\n'))
    if (`${ended}, ${seen}, ${left}` !== 'exit 2, seen: 0 of some, left: 0 0') throw new Error(said)
    if (report.durationMs > 11_000) throw new Error(`it took ${report.durationMs} ms`)
    if (!report.rootCauses.includes('database/server')) throw new Error(said)
  },
}

/** Trials of --fix and undo that are no repair of a case, and of what runs as the unit. */
export const trust: readonly Trial[] = [
  undoes('state-owned-by-root'),
  undoes('static-0700-behind-nginx'),
  undoes('collected-directory-closed'),
  undoes('state-directory-missing'),
  killed,
  fullDisk,
  lost,
  attributes,
  locked,
  traps,
  environment,
  asUnit,
  silent,
  unstartable,
  frozen,
]
