import {settingsKnown, sourceOf} from '../facts/django/django.ts'
import type {Unheeded} from '../facts/django/unheeded.ts'
import {whereVariable} from '../facts/django/variables.ts'
import {isSamePlace} from '../facts/fronts/front.ts'
import {isValidHost} from '../facts/http.ts'
import {type Bind, shownBind} from '../facts/target/bind.ts'
import {hostsOf} from '../facts/target/listening.ts'
import {answerOf, type Target} from '../facts/target/target.ts'
import {findOwnListeners, holderOf, type WhoListens} from '../facts/unit/listeners.ts'
import type {Host, HttpAnswer} from '../host/host.ts'
import {isFirstStart, timestampOf} from '../host/unit.ts'
import {mend, remedy} from '../remedies/remedy.ts'
import {awaitStart, restart, restartWithEnvironment, start} from '../remedies/service.ts'
import {defaultConfigPath} from '../report/config-path.ts'
import {critical, type Verdict, warning} from '../report/finding.ts'
import {edit, hand, run} from '../report/step.ts'
import {findLockWait, hangsOnLock} from './lock-wait.ts'
import {settingMeans} from './setting-means.ts'

/** Whether what listens is known not to be the unit's own. */
export function isForeign({unit}: Pick<Target, 'unit'>, {listener, owner}: WhoListens): boolean {
  // systemd itself listens for a unit that is started by its socket.
  if (!listener || /\.socket\b/.test(unit.get('TriggeredBy'))) return false
  if (owner === 'other') return true
  const stopped = /^(?:inactive|failed)$/.test(unit.get('ActiveState')) || /^auto-restart/.test(unit.get('SubState'))
  return owner === 'unknown' && stopped
}

export function foreignListener({unit}: Pick<Target, 'unit'>, bind: Bind, {listener}: WhoListens): Verdict {
  const holder = listener ? holderOf(listener) : null
  const port = 'socketPath' in bind ? bind.socketPath : `sport = :${bind.port}`
  return critical(
    'foreign-listener',
    `${holder ?? 'another process'} listens on ${shownBind(bind)}, and is not part of ${unit.name}`,
    remedy(`End or move the other program, then restart ${unit.name}`, 'manual', [
      hand(`sudo ss -ltnxp '${port}'`),
      run('systemctl', 'restart', unit.name),
    ]),
  )
}

type Unreachable = Extract<HttpAnswer, {kind: 'unreachable'}>

/** Nobody listens, or who does says nothing that is HTTP. */
export async function unanswered(host: Host, target: Target, bind: Bind, answer: Unreachable): Promise<Verdict> {
  const {unit} = target
  const place = shownBind(bind)
  const evidence = [answer.message]
  const readJournal = hand(`journalctl -u ${unit.name} -n 50 --no-pager`)
  if (answer.code === 'ECONNREFUSED' || answer.code === 'ENOENT') return refused(host, target, bind, answer)
  if (answer.code === 'ETIMEDOUT') {
    const wait = await findLockWait(host, target, 3)
    if (wait) return hangsOnLock(place, wait, evidence)
    return critical(
      'timeout',
      `${place} takes the connection and gives no answer: ${answer.message}`,
      remedy('Restart the service, and see what its workers were waiting for', 'disruptive', [restart(target)]),
      {evidence},
    )
  }
  if (answer.code === 'EACCES' || answer.code === 'EPERM') {
    return critical(
      'denied',
      `${place} may not be connected to`,
      remedy('Let those who ask pass to the socket', 'manual', [hand(`namei -l ${place}`)]),
      {evidence},
    )
  }
  const what = answer.code.startsWith('HPE_') ? 'answers, but not in HTTP' : 'ends the connection without an answer'
  return critical(
    answer.code.startsWith('HPE_') ? 'not-http' : 'empty-reply',
    `${place} ${what}: ${answer.message}`,
    remedy('See what became of the workers', 'manual', [readJournal, hand('sudo ss -ltnp')]),
    {evidence},
  )
}

async function refused(host: Host, target: Target, bind: Bind, answer: Unreachable): Promise<Verdict> {
  const {unit} = target
  const seen =
    answer.code === 'ENOENT' ? `there is no socket ${shownBind(bind)}` : `${shownBind(bind)} refuses connections`
  const words = `${unit.get('ActiveState')} (${unit.get('SubState')})`
  const evidence = [answer.message]
  if (unit.get('ActiveState') !== 'active') {
    const since = timestampOf(unit, 'StateChangeTimestamp')
    const message = `${seen}; ${unit.name} is ${words}`
    if (isFirstStart(unit)) {
      return warning('starting', message, awaitStart(unit), {evidence, since})
    }
    const again = [
      ...(unit.get('ActiveState') === 'failed' ? [run('systemctl', 'reset-failed', unit.name)] : []),
      start(target),
    ]
    return critical('refused', message, remedy('Start the service', 'disruptive', again), {evidence, since})
  }
  const own = await findOwnListeners(host, unit)
  if (own.some(({at}) => isSamePlace(at, bind))) {
    // It has begun to listen between the two looks.
    return warning('starting', `${seen}, and ${unit.name} listens there only now`, awaitStart(unit), {evidence})
  }
  if (own.length > 0) {
    const actual = own.map(({at}) => shownBind(at)).join(', ')
    return critical(
      'other-address',
      `${unit.name} listens on ${actual}, and was asked to listen on ${shownBind(bind)}`,
      mend(
        'Let the application obey its setting, or correct the setting',
        target.environment.has('GUNICORN_BIND')
          ? target.platform.variable(target, 'GUNICORN_BIND', own[0] ? shownBind(own[0].at) : '')
          : target.platform.unitChange(unit.name),
        {after: [restart(target)]},
      ),
      {evidence, because: []},
    )
  }
  return critical(
    'refused',
    `${seen}, although ${unit.name} is ${words}`,
    remedy('Restart the service, and see where it listens', 'disruptive', [restart(target)]),
    {evidence},
  )
}

/** The unit says one address, the server was told another, and a front forwards to the one that is not heeded. */
export function notHeeded(target: Target, {variable, value}: Unheeded): Verdict {
  const {unit, binds, server, platform} = target
  const actual = binds.map(shownBind).join(', ')
  return critical(
    'other-address',
    `${unit.name} listens on ${actual}, and ${variable}=${value} of the unit is read by nobody`,
    mend('Let the server read the variable, or correct its configuration', platform.code(target)),
    {evidence: server.config ? [`configuration: ${server.config}`] : [], because: []},
  )
}

/** `https://prism.example:8000/` as the name that was meant. */
function bareName(entry: string): string {
  return entry.replace(/^[a-z]+:\/\//i, '').replace(/[:/].*$/, '')
}

/** 400 for a name that is allowed, or whose admission nobody knows. */
export function pageRefused(target: Target, bind: Bind, name: string | null): Verdict {
  const place = shownBind(bind)
  const variable = whereVariable(target, 'ALLOWED_HOSTS')?.variable ?? 'ALLOWED_HOSTS'
  const declared = hostsOf(target.environment.get(variable))
  if (name === null && declared.length > 0 && target.running?.has(variable)) {
    return critical(
      'no-hosts',
      `the running process has an empty ALLOWED_HOSTS, which the unit has filled since: ${place} answers 400 to every name`,
      restartWithEnvironment(target),
      {because: []},
    )
  }
  const isKnown = settingsKnown(target.django) || target.environment.has(variable)
  if (name === null && isKnown) {
    return critical(
      'no-hosts',
      `ALLOWED_HOSTS is empty (${sourceOf(target.django, 'ALLOWED_HOSTS', target.workingDirectory)}): ${place} answers 400 to every name`,
      mend('Name the hosts in ALLOWED_HOSTS', settingMeans(target, 'ALLOWED_HOSTS')),
      {because: []},
    )
  }
  if (name === null) {
    answerOf(target, 'which names the application admits')
    return warning('unknown-hosts', `${place} answers 400: which names the application admits is not known`, {
      ...remedy('Say which names it admits', 'manual', [edit(defaultConfigPath)]),
      lasting: {file: defaultConfigPath, text: '[target]\nhosts = ["…"]'},
    })
  }
  const why = isValidHost(name)
    ? 'ALLOWED_HOSTS has that name, and the running application does not admit it'
    : name.includes('://')
      ? `ALLOWED_HOSTS holds names, not URLs: ${target.hosts.map(bareName).join(', ')}`
      : 'Django rejects host names with an underscore'
  return critical(
    'bad-request',
    `${place} answers 400 to the host name ${name}; ${why}`,
    mend('Correct ALLOWED_HOSTS', settingMeans(target, 'ALLOWED_HOSTS', target.hosts.map(bareName).join(',')), {
      after: [restart(target)],
    }),
    {evidence: [`ALLOWED_HOSTS=${target.hosts.join(',')}`], because: []},
  )
}
