import {readable} from '../hands.ts'
import {CannotLook, type Digest, type DigestAnswer, Hanging} from '../host.ts'
import {inSeconds, within} from '../time-left.ts'
import type {Child} from './child.ts'
import type {Batch, BatchAnswer} from './digest-files.ts'
import {remember} from './digest-memory.ts'
import type {Cache} from './digest-tree.ts'
import type {Question} from './digests-child.ts'
import {hangingAt} from './hanging-at.ts'

/** Bytes that are read and decoded of one tree; what is remembered is not read. */
const maxBytes = 1024 * 1024 * 1024

/** Milliseconds, where the run has time for them; what was not read by then is not known. */
const maxTime = 8000

/** Milliseconds more, after which who reads is held up and is killed. */
const grace = 500

const maxFiles = 250_000
const maxDepth = 40

/** Names of a directory that are handed out at once. */
const share = 400

/** Questions that wait at one child, so that it need not wait for us. */
const ahead = 2

type Task = Omit<Batch, 'budget'>

/** What is known so far of one tree, and what is left to be read. */
interface Run {
  readonly root: string
  readonly until: number
  readonly tasks: Task[]
  readonly parts: Part[]
  bytes: number
  count: number
  complete: boolean
  /** Lines of the cache. */
  learned: string
  /** A child is no more. */
  lost: boolean
  /** Questions whose answers may bring new tasks. */
  open: number
  /** Settled by the next answer. */
  answered: PromiseWithResolvers<void>
}

/** What one answer says. */
type Part = Pick<BatchAnswer, 'paths' | 'digests'>

/**
 * Reads a tree by several children, all of which are alive.
 * @param end Ends them, where one is held up or is no more.
 * @throws CannotLook where the directory itself cannot be read.
 */
export async function readTree(
  root: string,
  cache: Cache | null,
  children: readonly Child[],
  end: () => void,
): Promise<DigestAnswer> {
  const limit = within(maxTime)
  const run = begin(root, Date.now() + limit)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    end()
  }, limit + grace)
  try {
    await Promise.all(children.map(child => ask(child, {kind: 'open', root, cache})))
    const works = children.flatMap(child => Array.from({length: ahead}, () => work(run, child)))
    await Promise.all(works)
  } catch (error) {
    end()
    throw isLate ? hanging(root, limit + grace) : cannotRead(root, error)
  } finally {
    clearTimeout(timer)
  }
  if (run.lost) end()
  if (cache && run.learned !== '') remember(cache.directory, root, run.learned)
  return answerOf(run)
}

function hanging(root: string, milliseconds: number): Hanging {
  const {place, said} = hangingAt(root)
  return new Hanging(`${said} did not answer within ${inSeconds(milliseconds)}`, place)
}

function cannotRead(root: string, error: unknown): CannotLook {
  if (error instanceof CannotLook) return error
  const {code, message} = error as NodeJS.ErrnoException
  return new CannotLook(`${root} cannot be read: ${code ?? readable(message)}`, {
    privilege: code === 'EACCES' || code === 'EPERM',
  })
}

function begin(root: string, until: number): Run {
  return {
    root,
    until,
    tasks: [{directory: '', names: null}],
    parts: [],
    bytes: maxBytes,
    count: 0,
    complete: true,
    learned: '',
    lost: false,
    open: 0,
    answered: Promise.withResolvers(),
  }
}

/** Hands one task after the other to a child, as long as there are any or may be. */
async function work(run: Run, child: Child): Promise<void> {
  for (;;) {
    if (isSpent(run)) {
      run.complete &&= run.tasks.length === 0
      run.tasks.length = 0
    }
    const task = run.tasks.pop()
    if (task) {
      run.open += 1
      const isThere = await carryOut(run, child, task).finally(() => settle(run))
      if (!isThere) return
    } else if (run.open > 0) {
      await run.answered.promise
    } else {
      return
    }
  }
}

function isSpent({bytes, until, count}: Run): boolean {
  return bytes < 0 || count > maxFiles || Date.now() > until
}

function settle(run: Run): void {
  run.open -= 1
  run.answered.resolve()
  run.answered = Promise.withResolvers()
}

/**
 * False where the child is no more.
 * @throws CannotLook where nothing of the tree can be read.
 */
async function carryOut(run: Run, child: Child, task: Task): Promise<boolean> {
  const {bytes, until} = run
  try {
    const answer = await ask(child, {kind: 'read', ...task, budget: {bytes, until}})
    take(run, task, answer as BatchAnswer)
    return true
  } catch (error) {
    if (task.directory === '' && task.names === null) throw error
    const {code = ''} = error as NodeJS.ErrnoException
    // A directory that is gone by now, or is another thing, is none that has to be read.
    run.complete &&= /^(?:ENOENT|ENOTDIR|ELOOP)$/.test(code)
    run.lost ||= error instanceof CannotLook
    return !(error instanceof CannotLook)
  }
}

function take(run: Run, {directory}: Task, answer: BatchAnswer): void {
  const {paths, digests, directories, rest, complete, learned, bytes} = answer
  if (paths.length > 0) run.parts.push({paths, digests})
  run.count += paths.length
  run.bytes -= bytes
  run.complete &&= complete
  run.learned += learned
  const names = [...rest]
  while (names.length > 0) run.tasks.push({directory, names: names.splice(-share)})
  const isDeep = directory.split('/').length > maxDepth
  if (isDeep && directories.length > 0) run.complete = false
  else
    for (const name of directories) run.tasks.push({directory: `${directory}${name}/`, names: null})
}

/** In the order of the names within a directory, whoever was first to answer. */
function answerOf({parts, complete}: Run): DigestAnswer {
  const ordered = [...parts].sort((a, b) => ((a.paths[0] ?? '') < (b.paths[0] ?? '') ? -1 : 1))
  // A file may have any name: `__proto__`.
  const files: Record<string, Digest> = Object.create(null)
  for (const {paths, digests} of ordered) {
    for (const [at, path] of paths.entries()) files[path] = digests[at] ?? {md5: null}
  }
  return {files, complete}
}

function ask(child: Child, question: Question): Promise<unknown> {
  return child.ask(question)
}
