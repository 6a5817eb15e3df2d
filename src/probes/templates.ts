import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import type {Django} from './django.ts'

/** A static file that a template of the project names. */
export interface StaticReference {
  /** As `{% static %}` is given it, relative to STATIC_ROOT. */
  readonly name: string
  /** The template, relative to the directory that the project's modules are imported from. */
  readonly template: string
}

/** What the templates of the project give to `{% static %}` as a literal; what lies in site-packages is not read. */
export async function staticReferences(host: Host, {roots}: Django): Promise<readonly StaticReference[]> {
  const own = roots.filter(root => !root.endsWith('/site-packages'))
  const found = await Promise.all(
    own.map(async root => {
      const walked = await ifSeen(host.walk(root))
      const templates = (walked?.entries ?? []).filter(
        ({type, path}) => type === 'file' && /(?:^|\/)templates\/.*\.(?:html|txt|xml)$/.test(path),
      )
      return Promise.all(templates.map(({path}) => referencesIn(host, root, path)))
    }),
  )
  return found.flat(2)
}

async function referencesIn(host: Host, root: string, template: string): Promise<readonly StaticReference[]> {
  const answer = await ifSeen(host.readFile(`${root}/${template}`))
  if (answer?.kind !== 'file') return []
  const tags = answer.text.matchAll(/\{%\s*static\s+(?:"([^"\n]+)"|'([^'\n]+)')/g)
  return [...tags].map(([, double, single]) => ({name: double ?? single ?? '', template}))
}
