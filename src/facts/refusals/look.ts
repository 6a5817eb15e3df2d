import * as v from 'valibot'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {lookScript} from '../django/ask-script.ts'
import {fence, withParameters} from '../django/parameters.ts'
import {parseJson} from '../json.ts'
import type {Target} from '../target/target.ts'

/** What somebody must be able to do; `pass` is to search a directory, and to execute a file. */
export type Need = 'read' | 'write' | 'pass'

/** A path that somebody stumbled over. */
export interface Named {
  readonly path: string
  /** What it is needed for; null where nobody says. */
  readonly need: Need | null
  /** Whether it was said to be refused: else it was only named, and may be missing or wrong. */
  readonly isRefused: boolean
  /** Who named it, for the evidence. */
  readonly said: string
  /** When, in milliseconds since the epoch; null for just now. */
  readonly at: number | null
}

/** An entry as a process of the unit sees it. */
const entry = v.object({
  path: v.string(),
  type: v.picklist(['file', 'directory', 'symlink', 'fifo', 'socket', 'device']),
  mode: v.number(),
  uid: v.number(),
  gid: v.number(),
  dev: v.number(),
  /** Milliseconds since the epoch: when its owner or mode last changed, or what it holds. */
  ctime: v.number(),
  /** The extended attribute of its access control list in hex (acl(5)); null where it has none. */
  acl: v.nullable(v.string()),
  /** How it is mounted, as this process sees it. */
  readOnly: v.boolean(),
  noExec: v.boolean(),
  /** What access(2) lets the process do with it. */
  may: v.array(v.picklist(['read', 'write', 'pass'])),
})

/** How far the kernel follows a path for a process of the unit. */
const followed = v.object({
  path: v.string(),
  /**
   * `pass`: a directory may not be searched. `missing`: there is nothing of that name. `end`: it
   * was reached. `at` is that directory, the one where the name is missing, or the end.
   */
  stop: v.picklist(['pass', 'missing', 'other', 'end']),
  at: entry,
  /** What is missing, and whether that is the end of the path. */
  missing: v.optional(v.string()),
  last: v.optional(v.boolean()),
  /** The errno of open(2), of a regular file; null where it can be opened. */
  opened: v.nullable(v.object({read: v.nullable(v.string()), write: v.nullable(v.string())})),
})

const answer = v.object({
  uid: v.number(),
  groups: v.array(v.number()),
  /** What a security module calls the process: "unconfined", an AppArmor profile. */
  label: v.nullable(v.string()),
  paths: v.array(followed),
})

export type Followed = v.InferOutput<typeof followed>
export type SeenEntry = v.InferOutput<typeof entry>
export type Look = v.InferOutput<typeof answer>

/**
 * Asks the kernel with the unit's own eyes: its user, groups, capabilities and sandbox (look.py).
 * Null where its interpreter cannot be run, or nobody may.
 */
export async function lookAsUnit(
  host: Host,
  {unit, server}: Pick<Target, 'unit' | 'server'>,
  paths: readonly string[],
): Promise<Look | null> {
  if (server.interpreter === null || server.becomesUnknown) return null
  const asked = [...new Set(paths)].sort()
  const said = await ifSeen(
    host.asUnit(unit.name, [server.interpreter, '-'], {
      input: withParameters({fence, paths: asked}, lookScript()),
      environment: {PYTHONDONTWRITEBYTECODE: '1'},
      ...(server.runsAs && {as: server.runsAs}),
      question: `may open ${asked.join(' ')}`,
      timeout: 5000,
      limit: 1024 * 1024,
      fence,
    }),
  )
  const parsed = v.safeParse(answer, parseJson(said?.stdout ?? ''))
  return parsed.success ? parsed.output : null
}
