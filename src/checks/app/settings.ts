import {
  askDjango,
  type Django,
  type DjangoAnswer,
  type ExceptionLink,
  type SystemCheck,
  settingsKnown,
  shownPlace,
  type Unasked,
  whyUnasked,
} from '../../facts/django/django.ts'
import {allowedHost, askPage, pagesOf} from '../../facts/http.ts'
import {shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {chainEvidence, isOfPackage, wordsOf} from '../../findings/exception.ts'
import {secretMeans} from '../../findings/variable-means.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {statedDirectory} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {type CheckId, critical, ok, type Remedy, type Verdict} from '../../report/finding.ts'
import {edit, run} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {serviceUser} from '../service/user.ts'

export const appSettings: Check = {
  id: 'app/settings',
  title: "Django starts in the unit's environment",
  explanation: {
    why: `Nobody knows the application better than Django itself: which database it uses, where its files lie, which hosts it
answers. When the settings cannot be imported, the next start of the service fails, and nothing of that is known.`,
    asks: `The settings are imported as a new start of the unit would import them: with the interpreter of its server, as its user, in
its environment, its directory and its sandbox, from the WSGI or ASGI module that ExecStart= names. The configurations and the migrations of the applications
are imported, too. Nothing connects to the database and logging stays off. Where the service or its pages fail, or with --deep, the
rest of a start is made as well: the models, the URLs, the WSGI or ASGI callable and Django's own system checks.
ask = false under [django] in the configuration refuses all of it.`,
    findings: {
      'missing-variable': {
        means: 'The settings stop at a variable that is not set. Every one that is missing is named.',
        remedy:
          'Set it where the unit, its secrets file or the .env file of the application has the others; then restart.',
      },
      'import-failed': {
        means: `The settings, the WSGI or ASGI module, an application or the configuration of the server cannot be imported. The
exception is quoted with its file and line.`,
        remedy: 'Correct what is quoted, or deploy the previous version, then restart.',
      },
      'import-swallowed': {
        means: `A part of the settings cannot be imported, and they go on without it ("except ImportError: pass"): what it says of
databases, hosts and keys does not count. It is only said where pages or the service fail.`,
        remedy: 'Correct what is quoted, then restart.',
      },
      'start-failed': {
        means:
          'The settings can be imported, and the rest of the start fails: an application, the URLs, the WSGI or ASGI callable.',
        remedy: 'Correct what is quoted, or deploy the previous version, then restart.',
      },
      'system-check': {
        means: "Django's own system checks find an error, at which migrate and runserver stop.",
        remedy: 'Correct what Django says, then restart.',
      },
      'no-django': {
        means: 'The interpreter of the server has no Django.',
        remedy: 'Install Django into the environment of that interpreter.',
      },
      'no-directory': {
        means:
          'The directory that the server is told to change to (--chdir, chdir=) is not there, or may not be entered.',
        remedy: 'Put the application back there, or correct the name.',
      },
      'no-interpreter': {
        means: 'The Python that the unit names cannot be executed as the unit would.',
        remedy: 'Install it again, or correct the unit.',
      },
      'not-prepared': {
        means: 'systemd cannot prepare a process of the unit: its user, its directory or its sandbox is at fault.',
        remedy: 'Correct what systemd says.',
      },
      crashed: {
        means: 'The interpreter ended while it imported the settings, without an exception.',
        remedy: 'Run the same by hand and see what ends it: a broken library, or too little memory.',
      },
    },
    mistakenFor: `A shell of the service's user has none of its environment: that manage.py fails there proves nothing. What the running
process was started with may differ, when something was changed since.`,
  },
  needs: [serviceUnit, serviceUser],
  explainedBy: ['secrets/*', 'service/package', 'service/dependencies', 'state/*', 'static/*', 'database/*'],
  async run({host, target}) {
    const {django, unit} = target
    if (django.unasked) return judgeUnasked(target, django.unasked)
    const answer = django.answer as DjangoAnswer
    const first = judgeSettings(target, answer)
    if (first) return first
    const isAmiss = mayFail(target) || (await pagesFail(host, target))
    // Settings may do without a part that another machine lacks: only where something is wrong it counts.
    const [swallowed] = answer.swallowed ?? []
    if (swallowed && isAmiss) return wentOn(target, swallowed)
    const deeper =
      isAmiss || target.settings.deep === true ? await askDjango(host, unit, target.server, {depth: 'start'}) : null
    const found = deeper && (await judgeStart(target, deeper))
    if (found) return found
    const shown = answer.file ? shownPlace({file: answer.file, line: null}, target.workingDirectory) : 'its settings'
    return ok(`Django ${answer.django} on Python ${answer.python} reads ${shown} in the unit's environment`, {
      evidence: [
        `asked in ${answer.tookMs} ms`,
        ...(target.server.interpreter ? [`interpreter: ${target.server.interpreter}`] : []),
        ...(answer.module ? [`settings: ${answer.module}`] : []),
        ...answer.files.map(path => `the settings read ${path}`),
      ],
    })
  },
}

/** A start that fails, or one that the settings alone do not vouch for. */
function mayFail({unit, django}: Target): boolean {
  const runs = unit.get('ActiveState') === 'active' && Number(unit.get('NRestarts') || 0) === 0
  return !runs || (django.answer?.failures.length ?? 0) > 0
}

/** A page that answers 5xx may tell of what only a whole start shows; the same pages are asked by http/app. */
async function pagesFail(host: Host, target: Target): Promise<boolean> {
  const {bind, hosts} = target
  if (!bind) return false
  const name = allowedHost(hosts) ?? ('socketPath' in bind ? 'localhost' : shownBind(bind))
  const answers = await Promise.all(pagesOf(target).map(path => ifSeen(askPage(host, target, bind, name, path))))
  // uWSGI hangs up where an application cannot be loaded.
  return answers.some(answer =>
    answer?.kind === 'unreachable'
      ? !/^(?:ECONNREFUSED|ENOENT|ETIMEDOUT|EACCES|EPERM)$/.test(answer.code)
      : answer !== null && answer.status >= 500,
  )
}

/** The environment's own faults: what systemd refuses is the matter of the check that looks at it. */
const ownersOfSteps: Readonly<Record<string, readonly CheckId[]>> = {
  '200/CHDIR': ['service/package', 'state/directory'],
  '216/GROUP': ['service/user'],
  '217/USER': ['service/user'],
  '226/NAMESPACE': ['state/directory'],
  '243/CREDENTIALS': ['secrets/file'],
  resources: ['secrets/file'],
}

function judgeUnasked(target: Target, unasked: Unasked): Verdict {
  const {kind, why, evidence} = unasked
  const {unit, server, platform} = target
  if (kind === 'setup') {
    const [step = ''] = evidence
    const [, cause] = /: ([^:]+)$/.exec(evidence[1] ?? '') ?? []
    if (step === '203/EXEC')
      return critical(
        'no-interpreter',
        `${server.interpreter ?? 'the interpreter'} of ${unit.name} cannot be executed as the unit would${cause ? `: ${cause}` : ''} (203/EXEC)`,
        mend('Install the interpreter again, or correct the unit', platform.redeploy(target)),
        {evidence, because: ['service/package']},
      )
    const directory = statedDirectory(unit)
    const message =
      step === '200/CHDIR' && directory !== ''
        ? `${unit.name} cannot enter WorkingDirectory=${directory}${cause ? `: ${cause}` : ''} (${step})`
        : `${why}, so that Django could not be asked`
    return critical(
      'not-prepared',
      message,
      mend('Correct what systemd says of the unit', platform.unitChange(unit.name)),
      {evidence, ...(ownersOfSteps[step] && {because: ownersOfSteps[step]})},
    )
  }
  if (kind === 'died') {
    return critical('crashed', why, mend('Correct what ends the interpreter', platform.redeploy(target)), {evidence})
  }
  throw new CannotLook(whyUnasked(unasked), {privilege: kind === 'privilege'})
}

function judgeSettings(target: Target, answer: DjangoAnswer): Verdict | null {
  const lost = answer.failures.find(({stage}) => stage === 'directory')
  if (lost) {
    const {kind, directory, config} = target.server
    const [last] = lost.chain.slice(-1)
    return critical(
      'no-directory',
      `${kind ?? 'the server'} is told to work in ${directory}${config ? ` (${config})` : ''}, which it cannot enter: ${last?.message ?? ''}`,
      mend('Put it back, or correct what the server is told', target.platform.redeploy(target)),
      {evidence: chainEvidence(lost.chain), because: []},
    )
  }
  if (answer.django === null) {
    const failure = answer.failures.find(({stage}) => stage === 'django')
    return critical(
      'no-django',
      `${answer.executable} has no Django: ${wordsOf(failure?.chain ?? [], target)}`,
      mend('Install Django into the environment of the server', target.platform.redeploy(target)),
      {evidence: chainEvidence(failure?.chain ?? [])},
    )
  }
  if (answer.missing.length > 0) return missingVariable(target, answer)
  const failure = answer.failures.find(({stage}) => stage === 'entry' || stage === 'settings')
  if (failure?.stage === 'entry' && failure.chain.every(({own}) => !own)) return noEntry(target, failure.chain)
  if (failure) return importFailed(target, failure.chain)
  // gunicorn.conf.py is Python of the deployment's; what gunicorn itself lacks here proves nothing.
  const server = answer.failures.find(({stage, chain}) => stage === 'server' && chain.some(({own}) => own))
  if (server) return importFailed(target, server.chain)
  if (!settingsKnown({answer, unasked: null}))
    throw new CannotLook('Django could not be asked: nothing names its settings (DJANGO_SETTINGS_MODULE)')
  return null
}

/** secrets/keys tells where each belongs. */
function missingVariable(target: Target, {missing}: DjangoAnswer): Verdict {
  const names = missing.map(({name, place}) =>
    place ? `${name} (${shownPlace(place, target.workingDirectory)})` : name,
  )
  return critical(
    'missing-variable',
    `the settings cannot be imported without ${names.join(', ')}`,
    mend('Set what is missing', secretMeans(target, missing[0]?.name ?? ''), {after: [restart(target)]}),
    {evidence: missing.flatMap(({chain}) => chainEvidence(chain)), because: ['secrets/keys', 'secrets/file']},
  )
}

/** The import failed before any file of the application: the module that the server is told to serve is not there. */
function noEntry(target: Target, chain: readonly ExceptionLink[]): Verdict {
  const {entry, config} = target.server
  const name = entry === null ? null : 'module' in entry ? entry.module : entry.file
  const [first] = chain
  const told = name === null ? '' : `; the server is told to serve ${name} (${config ?? 'ExecStart='})`
  return critical(
    'import-failed',
    `Django does not start in the unit's environment: ${first ? `${first.type}: ${first.message}` : 'no exception was told'}${told}`,
    config
      ? remedy('Correct what the server is told, then restart the service', 'manual', [edit(config), restart(target)])
      : mend('Correct what the exception names', target.platform.code(target)),
    {evidence: chainEvidence(chain), ...(isOfPackage(chain) && {because: []})},
  )
}

function importFailed(target: Target, chain: readonly ExceptionLink[]): Verdict {
  return critical(
    'import-failed',
    `Django does not start in the unit's environment: ${wordsOf(chain, target)}`,
    cureOf(target, chain),
    {evidence: chainEvidence(chain), ...(isOfPackage(chain) && {because: []})},
  )
}

/** A file that the user may not open is no matter of the code. */
function cureOf(target: Target, chain: readonly ExceptionLink[]): Remedy {
  const denied = chain.find(({errno, filename}) => errno === 13 && filename?.startsWith('/'))?.filename
  return denied
    ? remedy(`Let ${target.user ?? 'the service'} open ${denied}, then restart the service`, 'manual', [
        run('namei', '-l', denied),
        restart(target),
      ])
    : mend('Correct what the exception names', target.platform.code(target))
}

function wentOn(target: Target, {module, chain}: NonNullable<DjangoAnswer['swallowed']>[number]): Verdict {
  const {file} = target.django.answer ?? {}
  const settings = file ? shownPlace({file, line: null}, target.workingDirectory) : 'the settings'
  return critical(
    'import-swallowed',
    `${settings} goes on without ${module}, which cannot be imported: ${wordsOf(chain, target)}`,
    mend('Correct what the exception names', target.platform.code(target)),
    {evidence: chainEvidence(chain), because: []},
  )
}

async function judgeStart(target: Target, {answer, unasked}: Django): Promise<Verdict | null> {
  if (unasked) throw new CannotLook(`Django could not be asked all the way: ${unasked.why}`)
  // What is put together by hand for the settings alone may fail where a whole start does not.
  const whole = /^(?:entry|settings|start|urls|checks)$/
  const failure = answer?.failures.find(({stage}) => whole.test(stage))
  const partly = answer?.start?.entry ? undefined : answer?.failures.find(({stage}) => stage === 'apps')
  const chain = (failure ?? partly)?.chain
  if (chain) {
    return critical(
      'start-failed',
      `Django does not start in the unit's environment: ${wordsOf(chain, target)}`,
      cureOf(target, chain),
      {evidence: chainEvidence(chain), ...(isOfPackage(chain) && {because: []})},
    )
  }
  const [error] = (answer?.start?.checks ?? []).filter(({level}) => level >= 40)
  return error ? systemCheck(target, error) : null
}

function systemCheck(target: Target, {id, message, hint, object}: SystemCheck): Verdict {
  return critical(
    'system-check',
    `Django's system check finds ${object ? `${object}: ` : ''}(${id}) ${message}`,
    mend('Correct what Django says', target.platform.code(target)),
    {evidence: hint === '' ? [] : [`HINT: ${hint}`], because: []},
  )
}
