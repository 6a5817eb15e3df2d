import {isBelow} from '../../facts/files/paths.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import {askFront, type Question, questionsOf} from '../../facts/fronts/questions.ts'
import {allowedHost, redirectsToHttps} from '../../facts/http.ts'
import {hashIn} from '../../facts/static/hashed-name.ts'
import {findStaticTree, type StaticTree} from '../../facts/static/static-tree.ts'
import {shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {correct, isNix} from '../../findings/front-remedy.ts'
import {CannotLook, type Host, type HttpAnswer} from '../../host/host.ts'
import {isFirstStart} from '../../host/unit.ts'
import {remedy} from '../../remedies/remedy.ts'
import {awaitStart, rebuild, restart} from '../../remedies/service.ts'
import {critical, ok, type Remedy, type Verdict, warning} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {staticManifest} from './manifest.ts'

export const staticServed: Check = {
  id: 'static/served',
  title: 'A static file comes over HTTP as it was collected',
  fix: 'restarts the service',
  explanation: {
    why: 'All files may be right on the disk while every visitor gets a page without its style.',
    asks: `One style sheet that the manifest names (or one that was collected) is asked for over HTTP: of the application where it
serves static files itself, and of each front that leads to it, by each of its names. As identity and as browsers ask, compressed:
a surviving .gz hides that the original is gone. Bytes are compared by MD5, and Content-Type and Cache-Control are read.`,
    findings: {
      'not-served': {
        means: `The file is there and the answer is an error: a location of a front, a wrong alias, another STATIC_URL, a process that does
not know it, or nobody who serves static files at all.`,
        remedy: 'Correct the location where a front answers; restart the service where the application does.',
      },
      starting: {
        means: 'The service is starting, and the files do not come yet.',
        remedy: 'Wait until it has started, then look again.',
      },
      'other-bytes': {
        means: 'What comes is not what lies in STATIC_ROOT: it is served from elsewhere, or from a cache.',
        remedy: 'Correct the alias, or empty the cache.',
      },
      'wrong-type': {
        means: `A style sheet or a script comes as another Content-Type than it is: browsers refuse a style sheet as text/plain, as
nginx sends it without its mime.types.`,
        remedy: 'Let the front know the types (include mime.types), then reload it.',
      },
      'not-immutable': {
        means:
          'WhiteNoise serves a hashed file and lets browsers keep it for a minute only: it does not know it for one.',
        remedy: 'Restart the service; WhiteNoise reads the manifest at start.',
      },
    },
    mistakenFor: `404 for /static/ itself is normal. nginx sets no Cache-Control unless it is told to, which works. A static file that
needs no database comes even when every page fails, and the other way round.`,
  },
  needs: [staticManifest],
  explainedBy: ['static/fresh', 'static/integrity', 'state/modes', 'http/app', 'http/proxy', 'app/deploy'],
  async run({host, target}) {
    const found = await findStaticTree(host, target)
    if (!found) return ok('nothing was collected')
    const sample = sampleOf(found)
    if (!sample) return ok('no static file to ask for')
    const url = `${found.files.url}${sample.name}`
    const byFronts = await askFronts(host, target, found, sample, url)
    const byItself = found.files.whiteNoise !== false
    if (!byItself && byFronts === null) return unfronted(host, target, sample, url)
    const said = [...(byItself ? await askApplication(host, target, found, sample, url) : []), ...(byFronts ?? [])]
    const bad = said.filter(({status}) => status !== 'ok')
    if (bad.some(({status}) => status === 'critical') && isFirstStart(target.unit)) {
      const message = `${url} does not come while ${target.unit.name} is starting`
      return warning('starting', message, awaitStart(target.unit), {because: ['service/active', 'http/app']})
    }
    return bad.length > 0 ? bad : (said[0] ?? ok(`${url} comes as it was collected`))
  },
}

interface Sample {
  readonly name: string
  readonly md5: string
  readonly hashed: boolean
}

/** A style sheet if there is one: pages look broken without it. */
function sampleOf({manifest, digests, tree}: StaticTree): Sample | null {
  const names = manifest
    ? [...manifest.paths.values()]
    : tree.entries.filter(({type}) => type === 'file').map(({path}) => path)
  const known = names.filter(name => typeof digests.files[name]?.md5 === 'string' && !/\.(?:gz|br)$/.test(name))
  const name =
    known.find(each => each.endsWith('.css') && !each.startsWith('admin/')) ??
    known.find(each => each.endsWith('.css')) ??
    known[0]
  const md5 = name === undefined ? null : digests.files[name]?.md5
  return name !== undefined && md5 ? {name, md5, hashed: manifest !== null && hashIn(name) !== null} : null
}

/** As curl asks, and as browsers do. */
const encodings = ['identity', 'gzip, deflate, br'] as const

async function askApplication(
  host: Host,
  target: Target,
  found: StaticTree,
  sample: Sample,
  url: string,
): Promise<readonly Verdict[]> {
  const {bind, hosts} = target
  if (!bind) throw new CannotLook('where the application listens could not be read from its unit')
  const name = allowedHost(hosts) ?? 'localhost'
  const answers = await Promise.all(
    encodings.map(encoding =>
      host.request({
        address: bind,
        path: url,
        headers: {host: name, 'accept-encoding': encoding, 'x-forwarded-proto': 'https'},
      }),
    ),
  )
  const cure = remedy('Restart the service, so that it knows its files', 'disruptive', [restart(target)])
  const bad = wrong(shownBind(bind), url, sample, answers, cure)
  if (bad) return [bad]
  const [plain] = answers
  if (plain?.kind !== 'response' || plain.status !== 200) return []
  const caching = plain.headers['cache-control'] ?? ''
  const lasting = /immutable/.test(caching) || Number(/max-age=(\d+)/.exec(caching)?.[1] ?? 0) >= 2_592_000
  if (!sample.hashed || lasting || found.files.whiteNoise !== true || found.files.servesUncollected) return []
  return [
    warning('not-immutable', `${url} has a hash in its name and comes with Cache-Control "${caching}"`, cure, {
      evidence: [`cache-control: ${caching}`],
    }),
  ]
}

/** Nobody stands before the application that was found: only the application can be asked, which need not serve them. */
async function unfronted({request}: Host, {bind, hosts}: Target, {md5}: Sample, url: string): Promise<Verdict> {
  if (!bind) throw new CannotLook('where the application listens could not be read from its unit')
  const headers = {host: allowedHost(hosts) ?? 'localhost', 'accept-encoding': 'identity', 'x-forwarded-proto': 'https'}
  const answer = await request({address: bind, path: url, headers})
  if (answer.kind === 'response' && answer.md5 === md5)
    return ok(`${shownBind(bind)} serves ${url} as it was collected`)
  const seen = answer.kind === 'response' ? `answers ${url} with ${answer.status}` : `does not answer ${url}`
  return ok(`no front was found that could serve ${url}, and the application ${seen}: nobody else was asked`)
}

/** By each front that leads here; null where there is none, and nobody was asked. */
async function askFronts(
  host: Host,
  target: Target,
  found: StaticTree,
  sample: Sample,
  url: string,
): Promise<readonly Verdict[] | null> {
  const questions = questionsOf(await findFronts(host, target), target)
  if (questions.length === 0) return null
  const judged = await Promise.all(
    questions.map(async question => {
      const answers = await Promise.all(
        encodings.map(encoding => askFront(host, question, url, {'accept-encoding': encoding})),
      )
      // Plain HTTP that is redirected: what comes over TLS is not known here.
      if (answers.some(redirectsToHttps) || answers.some(({kind}) => kind === 'unreachable')) return null
      if (answers.some(answer => isTurnedAway(question, answer))) return null
      const cures = {location: correctLocation(target, question, url), type: nameTypes(target, question)}
      return wrong(whoServes(question, found, url), url, sample, answers, cures.location, cures.type)
    }),
  )
  return judged.filter(verdict => verdict !== null)
}

/** Where nobody is told to serve static files, that is what is wrong, and not the one who was asked. */
function whoServes({front, site, name}: Question, {files, tree}: StaticTree, url: string): string {
  const who = `${front.kind} for ${name}${elsewhere(site, tree.top.path, url)}`
  // A root for the whole site is mostly there whether anything lies in it or not.
  const isServed = site.routes.some(
    ({path, directory}) => directory !== null && path.length > 1 && url.startsWith(path),
  )
  return isServed || files.whiteNoise !== false
    ? who
    : `neither the application nor ${front.kind} serves static files: ${who}`
}

/** Where the front looks for static files, when that is not where they were collected. */
function elsewhere({routes}: Question['site'], collected: string, url: string): string {
  const route = routes.findLast(({path, directory}) => directory !== null && path.length > 1 && url.startsWith(path))
  const {directory, at} = route ?? {}
  if (!directory || isBelow(collected, directory) || isBelow(directory, collected)) return ''
  return `, which looks in ${directory}${at ? ` (${at.file}:${at.line})` : ''} rather than in ${collected},`
}

function nameTypes(target: Target, {front, site}: Question): Remedy {
  const how = {nginx: 'include mime.types;', apache: 'mod_mime with TypesConfig', caddy: 'no header Content-Type'}[
    front.kind
  ]
  return correct(target, front, {summary: `Let ${front.kind} know the types of files (${how})`, at: site.at})
}

function correctLocation(target: Target, {front, site, name, address, tls}: Question, url: string): Remedy {
  const route = site.routes.filter(({path, directory}) => directory !== null && url.startsWith(path)).at(-1)
  const look = hand(
    `curl -s${tls ? 'k' : ''}I -H 'Host: ${name}' ${tls ? 'https' : 'http'}://${shownBind(address)}${url}`,
  )
  if (isNix(front)) return remedy('Correct the location that answers, then rebuild', 'manual', [look, rebuild(target)])
  return correct(target, front, {summary: 'Correct who serves static files', at: route?.at ?? site.at, first: [look]})
}

/** By the front itself, as it is told to: http/proxy tells of it. */
function isTurnedAway({site}: Question, answer: HttpAnswer): boolean {
  if (answer.kind !== 'response') return false
  return site.restrictions.has(answer.status) || (answer.status === 503 && site.maintenance)
}

function wrong(
  who: string,
  url: string,
  sample: Sample,
  answers: readonly HttpAnswer[],
  cure: Remedy,
  typeCure = cure,
): Verdict | null {
  for (const [index, answer] of answers.entries()) {
    const asked = encodings[index]
    if (answer.kind === 'unreachable') {
      return critical('not-served', `${who} does not answer ${url}: ${answer.message}`, cure, {evidence: [answer.code]})
    }
    // The application, or what stands before it, asks who is there first: nobody is told what comes then.
    if (answer.status === 401)
      return ok(`${who} asks for a password before ${url} (401): what comes then is not judged`)
    if (answer.status !== 200) {
      return critical('not-served', `${who} answers ${url} with ${answer.status} (as ${asked})`, cure)
    }
    const type = wrongType(sample.name, answer.headers['content-type'])
    if (type !== null) {
      const message = `${who} answers ${url} as ${type}: browsers do not take that for what it is`
      const evidence = [`content-type: ${answer.headers['content-type'] ?? ''}`]
      // A script of another type still runs where nosniff is not said.
      return sample.name.endsWith('.css')
        ? critical('wrong-type', message, typeCure, {evidence})
        : warning('wrong-type', message, typeCure, {evidence})
    }
    const encoded = (answer.headers['content-encoding'] ?? 'identity') !== 'identity'
    if (!encoded && answer.md5 !== sample.md5) {
      return critical('other-bytes', `${who} answers ${url} with other bytes than were collected`, cure, {
        evidence: [`md5 ${answer.md5}, collected ${sample.md5}`],
      })
    }
  }
  return null
}

/** What mimetypes of Python, and with it Django, says of what browsers insist on; others are not judged. */
const types: Readonly<Record<string, RegExp>> = {
  css: /^text\/css$/,
  js: /^(?:text|application)\/(?:x-)?(?:java|ecma)script$/,
  mjs: /^(?:text|application)\/(?:x-)?(?:java|ecma)script$/,
}

/** Null where the type is right, or nobody minds. */
function wrongType(name: string, header: string | undefined): string | null {
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const wanted = types[name.slice(name.lastIndexOf('.') + 1)]
  return wanted === undefined || wanted.test(type) ? null : type || 'a file of no type'
}
