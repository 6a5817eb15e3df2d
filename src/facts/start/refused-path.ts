import type {Host} from '../../host/host.ts'
import {ifSeen, seenOrWhyNot} from '../../host/if-seen.ts'
import type {ExceptionLink} from '../django/django.ts'
import {findJournal} from '../journal/journal.ts'
import {type Statement, statements} from '../journal/statements.ts'
import type {Target} from '../target/target.ts'
import {isPlain} from './narrowest.ts'
import type {FailedTrial, TryStart} from './trial.ts'

/** Milliseconds: what was refused earlier has been lived with. */
const lately = 3_600_000

/** ENOENT, EACCES, EPERM, EROFS, ENXIO. */
const refused = /^(?:\w+\.)*(\w+): (\[Errno (2|13|1|30|6)\] [^:']+: '(\/[^']+)')/

/**
 * The path that the running service was refused last, as it logged that; null for none. A file that
 * is not there is no refusal, unless it is there for root.
 */
export async function findRefusedPath(host: Host, {unit}: Target): Promise<ExceptionLink | null> {
  const lines = ((await findJournal(host, unit)) ?? []).filter(
    ({at, invocation}) =>
      at >= host.now() - lately && invocation !== null && invocation === unit.get('InvocationID'),
  )
  for (const said of statements(lines).toReversed()) {
    if (!said.exception) continue
    const link = linkOf(said)
    if (!link?.filename || !isPlain(link.filename)) continue
    if (link.errno === 2 && !(await ifSeen(host.stat(link.filename)))) continue
    return link
  }
  return null
}

/** The first of the chain that names a path. */
function linkOf({chain, text, where}: Statement): ExceptionLink | null {
  for (const each of [...chain, {text, where}]) {
    const [, type = '', message = '', errno, filename] = refused.exec(each.text) ?? []
    if (filename !== undefined)
      return {
        type,
        message,
        place: null,
        own: false,
        template: null,
        name: null,
        errno: Number(errno),
        filename,
      }
  }
  return null
}

/** What a process of the unit may do with a path; of one that is not there, with its directory. */
const look = `import os, sys
path = sys.argv[1]
place = path if os.path.lexists(path) else os.path.dirname(path)
print(*[int(each) for each in (os.path.exists(path), os.access(path, os.R_OK), os.access(place, os.W_OK))])`

/**
 * Looks at a path as the unit would, with and without settings. It works where the path may be used
 * as it may without all of these; null where nobody can tell, or that is as it is with them.
 * @param left milliseconds for one more.
 */
export async function accessTo(
  host: Host,
  {unit, server}: Target,
  link: ExceptionLink & {readonly filename: string},
  all: readonly string[],
  left: () => number,
): Promise<TryStart | null> {
  const {interpreter, runsAs} = server
  if (interpreter === null) return null
  const seen = async ({without = [], with: added = []}: Parameters<TryStart>[0]) => {
    const answer = await seenOrWhyNot(
      host.asUnit(unit.name, [interpreter, '-I', '-S', '-c', look, link.filename], {
        ...(runsAs && {as: runsAs}),
        ...(without.length > 0 && {without}),
        ...(added.length > 0 && {with: added}),
        question: `access to ${link.filename}`,
        timeout: left(),
        limit: 4096,
      }),
    )
    const said = 'stdout' in answer ? /^([01]) ([01]) ([01])\s*$/.exec(answer.stdout) : null
    return said?.slice(1).map(Number) ?? null
  }
  const [inside, outside] = [await seen({}), await seen({without: all})]
  if (!inside || !outside) return null
  const closed = outside.flatMap((may, at) => (may > (inside[at] ?? 0) ? [at] : []))
  if (closed.length === 0) return null
  const failed: FailedTrial = {works: false, chain: [link], step: null, evidence: []}
  return async difference => {
    const may = await seen(difference)
    return may && (closed.every(at => may[at] === 1) ? {works: true} : failed)
  }
}
