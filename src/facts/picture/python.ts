import {type Fact, type Seen, whole} from '../../report/fact.ts'
import type {DjangoAnswer} from '../django/django.ts'
import {ofTarget} from '../once-per-target.ts'
import type {Target} from '../target/target.ts'
import {digestOf} from './digest.ts'
import {isTellingJson, pairsSecret} from './discretion.ts'
import {discreetFact, factOf} from './facts.ts'

/** Files of the project that are told one by one; of more, their directories. */
const most = 400

/** Python, Django, and what is installed beside them. */
export const environmentOfPython = ofTarget(({django, server}): readonly Seen[] => {
  const {answer} = django
  if (!answer) return []
  const {python, executable, picture} = answer
  const source = server.interpreter ?? executable
  const facts = [
    factOf('python/version', source, python),
    ...(answer.django === null ? [] : [factOf('python/django', source, answer.django)]),
    ...storeFact('python/environment', source),
  ]
  if (!picture) return facts
  const distributions = Object.entries(picture.distributions).map(([name, [version, at]]) =>
    factOf(`distribution/${name}`, source, version, dated(at)),
  )
  const modules = picture.modules.map(name => factOf(`module/${name}`, source, 'there'))
  return [
    ...facts,
    factOf('python/encoding', source, picture.encoding),
    whole('distribution/'),
    whole('module/'),
    ...distributions,
    ...modules,
  ]
})

/** The path in Nix's store with its hash, which is what changes. */
export function storeFact(name: string, path: string): readonly Fact[] {
  const [store] = /^\/nix\/store\/[0-9a-z]{32}-[^/]+/.exec(path) ?? []
  return store === undefined ? [] : [{name, source: path, value: store}]
}

function dated(at: number): Pick<Fact, 'at'> {
  return at > 86_400_000 ? {at} : {}
}

/**
 * What the project's settings say, without secrets. Nothing where a variable is missing: what
 * stands for it may have decided any of them.
 */
export const settingFacts = ofTarget(({django}): readonly Seen[] => {
  const {answer} = django
  const {settings, own = []} = answer?.picture ?? {}
  if (!answer || !settings || answer.missing.length > 0) return []
  const {apps} = answer
  const facts = Object.entries(settings).flatMap(([name, value]) => {
    // The applications are told one by one, and a variable of the same name for itself.
    const isTold =
      (name === 'INSTALLED_APPS' && apps !== null) ||
      answer.read.some(variable => variable === name || variable === `DJANGO_${name}`)
    if (isTold) return []
    const isOpen = own.includes(name) ? isTellingJson(value) : !pairsSecret(value)
    return [(isOpen ? factOf : discreetFact)(`setting/${name}`, placeOf(answer, name), value)]
  })
  const installed = apps?.map(({name, path}) => factOf(`app/${name}`, path, 'installed'))
  return [whole('setting/'), ...facts, ...(installed ? [whole('app/'), ...installed] : [])]
})

/** One of them, for a check that looks at it. */
export function settingFact(target: Target, name: string): readonly Fact[] {
  return settingFacts(target).filter(
    (seen): seen is Fact => 'name' in seen && seen.name === `setting/${name}`,
  )
}

function placeOf({places, file}: DjangoAnswer, name: string): string {
  return places[name]?.file ?? file ?? 'Django'
}

type Migrations = NonNullable<DjangoAnswer['migrations']>['all']

/** Of each application the last migrations that it comes with, and how many there are. */
export function migrationFacts({django}: Target): readonly Seen[] {
  const all = django.answer?.migrations?.all
  if (!all) return []
  const facts = [...Map.groupBy(all, ({app}) => app)].map(([app, own]) => {
    const heads = own.filter(({name}) => !own.some(each => follows(each, app, name)))
    const names = heads.map(({name}) => name).join(' ')
    return factOf(`migration/${app}`, 'the application', `${names} (${own.length})`)
  })
  return [whole('migration/'), ...facts]
}

function follows({dependencies}: Migrations[number], app: string, name: string): boolean {
  return dependencies.some(([ofApp, ofName]) => ofApp === app && ofName === name)
}

/** What the project's own files hold; of very many how they are called and how large they are. */
export const codeFacts = ofTarget(({django}): readonly Seen[] => {
  const {picture} = django.answer ?? {}
  const code = Object.entries(picture?.code ?? {})
  const {isWhole = false, directories} = picture ?? {}
  if (picture && directories) {
    const facts = Object.entries(directories).map(([directory, [digest, at]]) =>
      factOf(`code in ${directory}`, directory, digest, {secret: true, ...dated(at)}),
    )
    return [howFar('by names and sizes of the files in each directory'), ...facts]
  }
  if (code.length === 0) return isWhole && !picture?.code ? [howFar('not at all: too much')] : []
  if (code.length <= most) {
    const facts = code.map(([path, [digest, at]]) =>
      factOf(`code/${path}`, path, digest, {secret: true, ...dated(at)}),
    )
    return [howFar('by the content of each file'), ...(isWhole ? [whole('code/')] : []), ...facts]
  }
  const byDirectory = Map.groupBy(code, ([path]) => path.slice(0, path.lastIndexOf('/')))
  const facts = [...byDirectory].map(([directory, files]) => {
    const digest = digestOf(JSON.stringify(files.map(([path, [own]]) => [path, own]).sort()))
    const at = Math.max(...files.map(([, [, time]]) => time))
    return factOf(`code of ${directory}`, directory, digest, {
      secret: true,
      ...dated(at),
    })
  })
  return [howFar('by the content of the files in each directory'), ...facts]
})

/** With a project that grows, other facts are told of it: that is no news of its code. */
function howFar(how: string): Fact {
  return factOf('project/compared', 'prism-doctor', how)
}
