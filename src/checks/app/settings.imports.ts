import {
  type DjangoAnswer,
  type ExceptionLink,
  settingsKnown,
  shownPlace,
} from '../../facts/django/django.ts'
import {chainEvidence, isOfPackage, wordsOf} from '../../facts/django/exception.ts'
import type {Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {adviceOn} from '../../remedies/exceptions.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {secretMeans} from '../../remedies/variable-means.ts'
import {type Details, type Finding, finding, type Remedy} from '../../report/finding.ts'
import {edit, run} from '../../report/step.ts'
import {type Code, found} from './settings.findings.ts'

type Bad = Finding<'critical', Code>

/**
 * What keeps the settings from being imported; null where nothing does.
 * @throws CannotLook where nothing names them.
 */
export async function judgeImports(
  host: Host,
  target: Target,
  answer: DjangoAnswer,
): Promise<Bad | null> {
  const failed = (...stages: readonly string[]) =>
    answer.failures.find(({stage}) => stages.includes(stage))
  const directory = failed('directory')
  if (directory) return noDirectory(target, directory.chain)
  if (answer.django === null) return noDjango(host, target, answer, failed('django')?.chain ?? [])
  if (answer.missing.length > 0) return missingVariable(target, answer)
  const failure = failed('entry', 'settings')
  if (failure?.stage === 'entry' && failure.chain.every(({own}) => !own))
    return noEntry(target, failure.chain)
  if (failure) return importFailed(host, target, answer, failure)
  // gunicorn.conf.py is Python of the deployment's; what gunicorn itself lacks here proves nothing.
  const server = answer.failures.find(
    ({stage, chain}) => stage === 'server' && chain.some(({own}) => own),
  )
  if (server) return importFailed(host, target, answer, server)
  if (!settingsKnown({answer, unasked: null}))
    throw new CannotLook(
      'Django could not be asked: nothing names its settings (DJANGO_SETTINGS_MODULE)',
    )
  return null
}

function noDirectory(target: Target, chain: readonly ExceptionLink[]): Bad {
  const {kind, directory, config} = target.server
  const told = `${directory}${config ? ` (${config})` : ''}`
  const cure = mend(
    'Put it back, or correct what the server is told',
    target.platform.redeploy(target),
  )
  return finding(
    found['no-directory'](kind ?? 'the server', told, chain.at(-1)?.message ?? ''),
    cure,
    {
      evidence: chainEvidence(chain),
    },
  )
}

async function noDjango(
  host: Host,
  target: Target,
  answer: DjangoAnswer,
  chain: readonly ExceptionLink[],
): Promise<Bad> {
  const {executable} = answer
  const other = await madeByAnother(host, answer)
  const cure = other
    ? mend('Make the virtual environment anew', target.platform.redeploy(target))
    : mend('Install Django into the environment of the server', target.platform.redeploy(target))
  const words = `${wordsOf(chain, target)}${other ? `; ${other}` : ''}`
  return finding(found['no-django'](executable, words), cure, {evidence: chainEvidence(chain)})
}

/**
 * A virtual environment keeps its packages by the version of Python that made it
 * (lib/python3.11/site-packages): the link to the system's Python leads to a later one in time.
 */
async function madeByAnother(
  host: Host,
  {executable, python}: DjangoAnswer,
): Promise<string | null> {
  const library = executable.replace(/\/bin\/[^/]+$/, '/lib')
  const versions = ((await ifSeen(host.list(library))) ?? []).filter(name =>
    /^python3\.\d+$/.test(name),
  )
  const [, own = python] = /^(3\.\d+)/.exec(python) ?? []
  if (versions.length === 0 || versions.includes(`python${own}`)) return null
  return `${library} has packages for ${versions.join(' and ')}, and this is Python ${own}`
}

/** secrets/keys tells where each belongs. */
function missingVariable(target: Target, {missing}: DjangoAnswer): Bad {
  const names = missing.map(({name, place}) =>
    place ? `${name} (${shownPlace(place, target.workingDirectory)})` : name,
  )
  const cure = mend('Set what is missing', secretMeans(target, missing[0]?.name ?? ''), {
    after: [restart(target)],
  })
  return finding(found['missing-variable'](names), cure, {
    evidence: missing.flatMap(({chain}) => chainEvidence(chain)),
    because: ['secrets/keys', 'secrets/file'],
  })
}

/** The import fails before any file of the application: the module to serve is missing. */
function noEntry(target: Target, chain: readonly ExceptionLink[]): Bad {
  const {entry, config} = target.server
  const name = entry === null ? null : 'module' in entry ? entry.module : entry.file
  const [first] = chain
  const raised = first ? `${first.type}: ${first.message}` : 'no exception was named'
  const told =
    name === null ? '' : `; the server is told to serve ${name} (${config ?? 'ExecStart='})`
  const cure = config
    ? remedy('Correct what the server is told, then restart the service', 'manual', [
        edit(config),
        restart(target),
      ])
    : mend('Correct what the exception names', target.platform.code(target))
  return finding(found['import-failed'](`${raised}${told}`), cure, detailsOf(chain))
}

async function importFailed(
  host: Host,
  target: Target,
  answer: DjangoAnswer,
  failure: DjangoAnswer['failures'][number],
): Promise<Bad> {
  const {words, cure} = await understood(host, target, answer, failure)
  return finding(found['import-failed'](words), cure, detailsOf(failure.chain))
}

/** A chain in a line with what else is known of it, and what helps. */
export async function understood(
  host: Host,
  target: Target,
  answer: DjangoAnswer,
  failure: DjangoAnswer['failures'][number],
): Promise<{words: string; cure: Remedy}> {
  const words = wordsOf(failure.chain, target)
  const advice = await adviceOn(host, target, answer, failure)
  return advice
    ? {words: `${words}; ${advice.adds}`, cure: advice.cure}
    : {words, cure: cureOf(target, failure.chain)}
}

export function detailsOf(chain: readonly ExceptionLink[]): Details {
  return {evidence: chainEvidence(chain), ...(isOfPackage(chain) && {because: 'itself'})}
}

/** A file that the user may not open is no matter of the code. */
function cureOf(target: Target, chain: readonly ExceptionLink[]): Remedy {
  const denied = chain.find(
    ({errno, filename}) => errno === 13 && filename?.startsWith('/'),
  )?.filename
  return denied
    ? remedy(
        `Let ${target.user ?? 'the service'} open ${denied}, then restart the service`,
        'manual',
        [run('namei', '-l', denied), restart(target)],
      )
    : mend('Correct what the exception names', target.platform.code(target))
}
