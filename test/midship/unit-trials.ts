import {parse, type Trial} from '../container/trials.ts'
import {casesOf as hostCases} from '../hosts/cases.ts'
import {type Deployment, graphite} from '../hosts/deployments.ts'
import {boot as bootHost} from '../hosts/machine.ts'
import {broken} from '../hosts/test.ts'
import {casesOf} from './cases.ts'
import {adjust, install, running, settingOf, start} from './installed-unit.ts'
import {shell} from './shell.ts'
import {bootFor, inject} from './test.ts'

/** What differs from one run to the next, whoever runs, in what a report says. */
const passing: readonly (readonly [RegExp, string])[] = [
  [/redacted-\w+/g, 'redacted'],
  [/\b\d+(?= of \d+ connections)/g, 'N'],
  [/(?<=\b(?:within|asked in|logged|for) )[\d.]+(?= ?(?:s|ms|times)\b)/g, 'N'],
  [/, (?:once|\d+ times) so far|(?<=NRestarts=)\d+/g, ''],
  [/\b[\d.]+ [KMG]iB(?= free)/g, 'N'],
  // A front logs what a look asks it for, too.
  [/\b(?:once|\d+ times), last [^,()]+ ago/g, 'N times'],
]

/** A report without its times, what was measured, and how secrets are called in it. */
function lasting(text: string): string {
  return JSON.stringify(
    parse(text, ''),
    (key, value) => {
      // The run before it is another one for each of them.
      if (/^(?:startedAt|durationMs|history)$/.test(key)) return undefined
      if (key === 'value' && typeof value === 'number') return 'N'
      if (typeof value !== 'string') return value
      return passing.reduce((kept, [pattern, to]) => kept.replaceAll(pattern, to), value)
    },
    1,
  )
}

/** The first lines in which two texts differ. */
function difference(one: string, other: string): string {
  const [left, right] = [one.split('\n'), other.split('\n')]
  const at = left.findIndex((line, index) => line !== right[index])
  return [left, right].map(lines => lines.slice(at, at + 6).join('\n')).join('\n       but\n')
}

/** A machine, and the unit of ours that looks at it. */
interface Place {
  readonly instance: number
  /** `prism-doctor.service`, or an instance of the template. */
  readonly service: string
  /** The same in words of the command line. */
  readonly flags: string
}

const midship = (instance: number): Place => ({
  instance,
  service: 'prism-doctor.service',
  flags: '',
})

const host = (instance: number, {unit}: Deployment): Place => ({
  instance,
  service: `prism-doctor@${unit}`,
  flags: `--unit ${unit}`,
})

/** The report of the shipped unit and that of plain root, as far as they should be equal. */
async function reports({instance, service, flags}: Place): Promise<readonly [string, string]> {
  const template = service.replace(/@.*/, '@.service')
  const command = settingOf(template, 'ExecStart')
  await adjust(instance, service, [
    '[Service]',
    'ExecStart=',
    `ExecStart=${command} --output json:/run/by-unit`,
  ])
  const byHand = async (): Promise<string> =>
    lasting(await shell(instance, `prism-doctor ${flags} --json || true`))
  const first = await byHand()
  await start(instance, service)
  const byUnit = lasting(await shell(instance, 'cat /run/by-unit'))
  if (byUnit === first) return [byUnit, first]
  // A service that crashes is in another moment of it by now.
  return [byUnit, await byHand()]
}

async function holdEqual(place: Place): Promise<void> {
  const [byUnit, byHand] = await reports(place)
  if (byUnit !== byHand)
    throw new Error(`the unit's report is another one:\n${difference(byHand, byUnit)}`)
  await holdWritten(place)
}

/** The verdict in the journal, and the files that others may read. */
async function holdWritten({instance, service}: Place): Promise<void> {
  const suffix = /@(.*)\.service$/.exec(service)?.[1]?.replace(/^/, '-') ?? ''
  const said = await shell(
    instance,
    `stat -c '%n %a %U' /var/lib/prometheus/node-exporter/*.prom /var/lib/prism-doctor/*.html
    stat -c '%n %a' /var/lib/prism-doctor /var/cache/prism-doctor
    grep -ci '^<!doctype html>' /var/lib/prism-doctor/*.html
    journalctl --sync; journalctl -q -o cat -u ${service} SYSLOG_IDENTIFIER=prism-doctor | grep -cE 'prism-django|graphite-web'`,
  )
  const expected = `/var/lib/prometheus/node-exporter/prism-doctor${suffix}.prom 644 root
/var/lib/prism-doctor/report${suffix}.html 644 root
/var/lib/prism-doctor 711
/var/cache/prism-doctor 700
1
`
  if (!said.startsWith(expected)) throw new Error(`the unit left\n${said}`)
}

/** Reports that must be the same in the unit and by hand, on midship. */
const onMidship = [
  'healthy',
  'postgres-stopped',
  'secrets-missing',
  'hashed-file-gone',
  'healthy-socket-peer',
  'address-families',
  'static-0700-behind-nginx',
  'redis-socket-denied',
].map(
  (name): Trial => ({
    name: `unit-${name}`,
    async attempt(instance) {
      const [fault] = casesOf([name])
      await bootFor(instance, fault)
      if (fault) await inject(instance, fault)
      await install(instance)
      await holdEqual(midship(instance))
    },
  }),
)

const onGraphite = ['graphite-healthy', 'graphite-static-file-closed'].map(
  (name): Trial => ({
    name: `unit-${name}`,
    async attempt(instance) {
      const [fault] = hostCases([name])
      if (!fault) throw new Error(`there is no case ${name}`)
      await broken(instance, fault)
      await install(instance)
      await holdEqual(host(instance, fault.deployment))
    },
  }),
)

/** What each question of a diagnosis came to: that it was answered, and how it ended. */
function outcomes(recording: string): ReadonlyMap<string, string> {
  const {answers} = JSON.parse(recording) as {
    answers: Record<string, Record<string, {answer?: Record<string, unknown>; cannotLook?: string}>>
  }
  return new Map(
    Object.entries(answers).flatMap(([kind, questions]) =>
      Object.entries(questions).map(([question, {answer, cannotLook}]) => {
        const {kind: what, exitCode, status, code} = answer ?? {}
        const end = {there: answer !== null, what, exitCode, status, code, cannotLook}
        // Whom ss cannot name, it leaves out.
        const named = question === 'listeners' && String(JSON.stringify(answer)).includes('pid=')
        return [`${kind} ${question}`, JSON.stringify({...end, named})] as const
      }),
    ),
  )
}

/** The questions that came to something else in the unit, with its sandbox changed by `lines`. */
async function unanswered(
  {instance, service, flags}: Place,
  byHand: ReadonlyMap<string, string>,
  lines: readonly string[],
): Promise<readonly string[]> {
  await adjust(instance, service, [...running('record', flags, '--output /run/recorded'), ...lines])
  await shell(instance, 'rm -f /run/recorded')
  await start(instance, service)
  const recorded = await shell(instance, 'cat /run/recorded 2>/dev/null || echo \'{"answers":{}}\'')
  const found = outcomes(recorded)
  return [...byHand].flatMap(([question, end]) =>
    found.get(question) === end ? [] : `${question}: ${end}, in the unit ${found.get(question)}`,
  )
}

/** As the unit has it, without this word; nothing else in it changes. */
const without = (setting: string, word: string): readonly string[] => [
  `${setting}=`,
  `${setting}=${settingOf('prism-doctor.service', setting)
    .split(' ')
    .filter(each => each !== word)
    .join(' ')}`,
]

/**
 * Every question gets in the unit the answer that it gets by hand, and would not without any one of
 * the capabilities and families of addresses. Only a child that hangs shows what CAP_KILL is for.
 */
const exactly: Trial = {
  name: 'unit-has-what-it-needs-and-no-more',
  async attempt(instance) {
    await bootHost(instance, graphite)
    await install(instance)
    const place = host(instance, graphite)
    await adjust(instance, place.service, running('--version'))
    const all = outcomes(await shell(instance, `prism-doctor record ${place.flags}`))
    // Whoever may list the packet filter may change it: that is left to runs by hand.
    const byHand = new Map([...all].filter(([question]) => !/^exec firewall/.test(question)))
    if (byHand.size < 100) throw new Error(`only ${byHand.size} questions were recorded`)
    const missing = await unanswered(place, byHand, [])
    if (missing.length > 0) throw new Error(missing.slice(0, 5).join('\n'))
    const needless: string[] = []
    for (const setting of ['CapabilityBoundingSet', 'RestrictAddressFamilies'])
      for (const word of settingOf('prism-doctor.service', setting).split(' ')) {
        if (word === 'CAP_KILL') continue
        const changed = await unanswered(place, byHand, without(setting, word))
        if (changed.length === 0) needless.push(`${setting}=${word}`)
        // Without AF_UNIX there is no systemd to ask; without any other word most is answered.
        if (changed.length === byHand.size && word !== 'AF_UNIX')
          throw new Error(`without ${word} nothing is recorded`)
      }
    if (needless.length > 0) throw new Error(`nothing needs ${needless.join(' ')}`)
    const killed = await shell(
      instance,
      `for drop in '' CAP_KILL; do
        set=$(systemctl show -P CapabilityBoundingSet ${place.service} | sed "s/\${drop:-none}//I")
        systemd-run --wait --pipe -q -p "CapabilityBoundingSet=$set" bash -c '
          setpriv --reuid=nobody --regid=nogroup --clear-groups sleep 60 &
          until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.1; done
          kill -KILL $! 2>/dev/null && echo killed || echo refused'
      done`,
    )
    if (killed !== 'killed\nrefused\n') throw new Error(`a child of another user was ${killed}`)
  },
}

/**
 * Why the unit makes no mount namespace: systemd hides /run/credentials in one, and the diagnosis
 * would say of a credential which is there that it is missing.
 */
const noNamespace: Trial = {
  name: 'unit-sees-credentials-of-the-system',
  async attempt(instance) {
    await bootFor(instance, undefined)
    await shell(
      instance,
      `install -D -m 0400 /etc/hostname /run/credentials/@system/key
      mkdir -p /run/systemd/system/prism-django.service.d
      printf '[Service]\\nLoadCredential=key:/run/credentials/@system/key\\n' > /run/systemd/system/prism-django.service.d/key.conf
      systemctl daemon-reload; systemctl restart prism-django.service`,
    )
    await install(instance)
    const place = midship(instance)
    await holdEqual(place)
    await adjust(instance, place.service, [
      ...running('--output json:/run/hidden'),
      'ProtectSystem=full',
    ])
    await start(instance, place.service)
    const {rootCauses} = parse(await shell(instance, 'cat /run/hidden'), '')
    if (rootCauses.join() !== 'secrets/file')
      throw new Error(`with ProtectSystem=full the causes are [${rootCauses.join(' ')}]`)
  },
}

/** A warning is no failure, and a directory that is not there is none either. */
const ends: Trial = {
  name: 'unit-ends-as-its-verdict',
  async attempt(instance) {
    await bootFor(instance, undefined)
    await install(instance)
    const faults = await shell(
      instance,
      'systemd-analyze verify --man=no prism-doctor{,@prism-django}.{service,timer} 2>&1',
    )
    if (faults !== '') throw new Error(`systemd says of the units: ${faults}`)
    const ended = async (change: string): Promise<string> =>
      shell(
        instance,
        `${change}
        systemctl start prism-doctor.service || true
        systemctl show -P ActiveState prism-doctor.service
        sed -nE 's/^prism_doctor_status.*status="(.*)"} 1$/\\1/p' /var/lib/prometheus/node-exporter/prism-doctor.prom`,
      )
    const said = [
      await ended('rm -rf /var/lib/prometheus /var/lib/prism-doctor /var/cache/prism-doctor'),
      await ended('chmod 0755 /run/secrets.d /run/secrets/; chmod 0444 /run/secrets/prism-env'),
      await ended('systemctl stop postgresql.service'),
      await ended('mkdir -p /etc/prism-doctor; echo "unit = 3" > /etc/prism-doctor/config.toml'),
    ].map(words => words.trim().replaceAll('\n', ' '))
    const expected = ['inactive ok', 'inactive warning', 'failed critical', 'failed unknown']
    if (said.join() !== expected.join()) throw new Error(said.join(', '))
  },
}

/** What is up only at the end of a boot is not called broken before that. */
const afterBoot: Trial = {
  name: 'unit-waits-for-the-boot',
  async attempt(instance) {
    await bootFor(instance, undefined)
    await install(instance)
    const script = `units=/run/systemd/system
      mkdir -p $units/multi-user.target.wants
      printf '[Unit]\\nBefore=multi-user.target\\n[Service]\\nType=oneshot\\nExecStart=sleep 5\\n' > $units/slow.service
      ln -s ../slow.service $units/multi-user.target.wants/
      systemctl daemon-reload
      systemctl stop multi-user.target
      systemctl start --no-block multi-user.target
      systemctl is-active multi-user.target || true
      systemctl start prism-doctor.service
      systemctl is-active multi-user.target || true`
    const said = await shell(instance, script)
    if (said !== 'inactive\nactive\n') throw new Error(`multi-user.target was ${said}`)
  },
}

/**
 * The timer's runs and those by hand keep one history: no line is added while nothing changes, and
 * what was changed is told first. No secret is in it, and nobody else reads it.
 */
const remembers: Trial = {
  name: 'unit-remembers',
  async attempt(instance) {
    await bootFor(instance, undefined)
    await install(instance)
    const place = midship(instance)
    const kept = '/var/lib/prism-doctor/history'
    await start(instance, place.service)
    for (const run of [1, 2]) {
      await shell(instance, 'prism-doctor')
      await start(instance, place.service)
      const lines = await shell(instance, `wc -l < ${kept}/prism-django.service.jsonl`)
      if (lines !== '1\n') throw new Error(`after ${run} more runs each it has ${lines} lines`)
    }
    const modes = await shell(instance, `stat -c '%a %U' ${kept} ${kept}/* | sort -u`)
    if (modes !== '600 root\n700 root\n') throw new Error(`its modes are ${modes}`)
    await shell(
      instance,
      `sed -i 's/^POSTGRES_PASSWORD=.*/POSTGRES_PASSWORD=canary7Xk29f/' /run/secrets/prism-env
      ! systemctl restart prism-django.service`,
    )
    await start(instance, place.service)
    const {history} = parse(await shell(instance, 'prism-doctor --json || true'), '')
    const [first] = history?.changes ?? []
    if (first?.name !== 'environment/POSTGRES_PASSWORD' || first.kind !== 'changed')
      throw new Error(`it says first that ${first?.name} ${first?.kind}`)
    const found = await shell(
      instance,
      `for secret in $(sed 's/^[^=]*=//' /run/secrets/prism-env) canary7Xk29f; do
        [ \${#secret} -lt 7 ] || grep -lr -- "$secret" ${kept} || true
      done`,
    )
    if (found !== '') throw new Error(`a secret is in ${found}`)
    const told = await shell(instance, 'prism-doctor history')
    if (!told.includes('database/login: ') || !told.includes('POSTGRES_PASSWORD: changed'))
      throw new Error(`the history says\n${told}`)
  },
}

/** What the shipped units are held to. */
export const unitTrials: readonly Trial[] = [
  exactly,
  ...onGraphite,
  noNamespace,
  ends,
  afterBoot,
  remembers,
  ...onMidship,
]
