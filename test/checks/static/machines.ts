import type {Entry, FileAnswer, ListedWalk} from '../../../src/host/host.ts'
import type {QuestionKind} from '../../../src/host/recording.ts'
import {type DjangoEdit, type Edits, fixture, machine, recorded} from '../../machine.ts'

export const unit = 'prism-django.service'
const state = '/var/lib/prism-django'
export const root = `${state}/staticfiles`
export const manifestPath = `${root}/staticfiles.json`

/**
 * The key of what was asked whose end is known: paths of the store differ from recording to
 * recording.
 */
export function keyEnding(kind: QuestionKind, end: string, name = 'healthy'): string {
  const key = Object.keys(fixture(name).answers[kind] ?? {}).find(each => each.endsWith(end))
  if (key === undefined) throw new Error(`${name} has no ${kind} of …${end}`)
  return key
}

/** Environment= of the unit, as systemd said it. */
export function recordedEnvironment(name = 'healthy'): string {
  return (recorded(name, 'unit', unit) as {Environment: string}).Environment
}

/**
 * What is asked only when something is wrong: the script that collects before the service starts,
 * and what that runs.
 */
export function scripts(): Edits {
  const asked = fixture('manifest-truncated').answers.readFile ?? {}
  const paths = Object.keys(asked).filter(path => /^\/nix\/store\/[^/]+\/bin\//.test(path))
  return {
    readFile: Object.fromEntries(
      paths.map(path => [path, recorded('manifest-truncated', 'readFile', path)]),
    ),
  }
}

/** Django's answer with another storage for static files. */
export function storage(backend: string, keepsManifest: boolean | null): DjangoEdit {
  return {static: {storage: {backend, keepsManifest}}}
}

/** Django keeps no hash and no manifest. */
export const plainStorage = storage('django.contrib.staticfiles.storage.StaticFilesStorage', false)

/**
 * The healthy machine of which Django says something else, with another manifest or other entries
 * below STATIC_ROOT.
 */
export function edited(edits: {
  django?: DjangoEdit
  manifest?: ((text: string) => string) | object
  entries?: (entries: readonly Entry[]) => readonly Entry[]
  more?: Edits
}): ReturnType<typeof machine> {
  const text = (path: string): string => {
    const answer = recorded('healthy', 'readFile', path) as FileAnswer
    return answer.kind === 'file' ? answer.text : ''
  }
  const walked = recorded('healthy', 'walk', state) as ListedWalk
  const file = (content: string): FileAnswer => ({kind: 'file', text: content, utf8: true})
  const {django, manifest = same, entries = same, more = {}} = edits
  return machine('healthy', {
    ...more,
    ...(django && {django}),
    readFile: {
      ...scripts().readFile,
      [manifestPath]:
        typeof manifest === 'function' ? file(manifest(text(manifestPath))) : manifest,
      ...more.readFile,
    },
    walk: {[state]: {...walked, entries: entries(walked.entries)}, ...more.walk},
  })
}

function same<T>(value: T): T {
  return value
}

/** An entry like that of the manifest: a file of the service. */
export function entry(path: string, change: Partial<Entry> = {}): Entry {
  const walked = recorded('healthy', 'walk', state) as ListedWalk
  const like = walked.entries.find(each => each.path === 'staticfiles/staticfiles.json')
  if (!like) throw new Error('healthy has no manifest')
  return {...like, path: `staticfiles/${path}`, ...change}
}
