import type {LookupAddress} from 'node:dns'
import {type FileAnswer, Hanging, type ReadOptions, type Stat} from '../host.ts'
import {isBelow} from '../path.ts'
import {inSeconds, provingSilence, within} from '../time-left.ts'
import {type Child, startChild} from './child.ts'
import {assertOpen} from './closing.ts'
import {hangingAt} from './hanging-at.ts'

/** What a child is asked that looks for us. */
export type Question =
  | {readonly kind: 'ready'}
  | {readonly kind: 'readFile'; readonly path: string; readonly options: ReadOptions | undefined}
  | {readonly kind: 'stat' | 'list'; readonly path: string}
  | {readonly kind: 'resolve'; readonly name: string}

/** Looks at file systems and at names: either may never answer, and no signal of ours ends that. */
export interface Eyes {
  /** @throws CannotLook where it may not be read, Hanging where nothing answers. */
  readFile(path: string, options?: ReadOptions): Promise<FileAnswer>
  stat(path: string): Promise<Stat | null>
  list(path: string): Promise<readonly string[] | null>
  /**
   * The addresses of a name, as the system's resolver has them for every program.
   * @throws an error code of getaddrinfo(3): ENOTFOUND, EAI_AGAIN.
   */
  resolve(name: string): Promise<readonly LookupAddress[]>
  /** Ends who looks; a question starts it anew. */
  close(): void
}

/**
 * Milliseconds after which a child is taken for one that hangs: what it was asked besides goes to
 * another one, and it may still answer.
 */
const slow = 200

/** How long one may hang. A resolver tries one server after the other. */
const patience = {
  file: {...provingSilence, usual: 5000, share: 1 / 4},
  name: {...provingSilence, usual: 10_000, share: 1 / 3},
}

/** As many may hang at a time. */
const most = 8

/** A question that has no answer yet. */
interface Asked {
  readonly question: Exclude<Question, {kind: 'ready'}>
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A child, busy with the first in its line. */
interface Looker {
  readonly child: Child
  readonly line: Asked[]
  /** What it is asked while it starts waits for that. */
  isStarted: boolean
  /** Where it hangs. */
  place: string | null
  timer: NodeJS.Timeout | undefined
}

/** Who looks, and what is known to hang. */
interface Watch {
  /** Why a place is looked at no more: a mount, a path or a name. */
  readonly dead: Map<string, string>
  readonly stuck: Set<Looker>
  /** What lies where somebody is stuck. */
  readonly held: Asked[]
  looker: Looker | null
}

/**
 * Eyes that remember what hangs. One child answers everything. Where it does not go on, another one
 * takes its place, and nothing that lies where it hangs is asked until it has answered or is given
 * up.
 */
export function openEyes(): Eyes {
  const all: Watch = {dead: new Map(), stuck: new Set(), held: [], looker: null}
  // Its start takes longer than all that it will be asked.
  all.looker = newLooker(all)
  const asked = <T>(question: Asked['question']): Promise<T> =>
    new Promise((resolve, reject) => {
      assertOpen()
      ask(all, {question, resolve: answer => resolve(answer as T), reject})
    })
  return {
    readFile: (path, options) => asked({kind: 'readFile', path, options}),
    stat: path => asked({kind: 'stat', path}),
    list: path => asked({kind: 'list', path}),
    resolve: name => asked({kind: 'resolve', name}),
    close() {
      for (const each of all.stuck) release(all, each)
      if (all.looker) end(all.looker)
      all.looker = null
    },
  }
}

function newLooker(all: Watch): Looker {
  const child = startChild('eyes-child')
  const looker: Looker = {child, line: [], isStarted: false, place: null, timer: undefined}
  child.ask({kind: 'ready'}).then(
    () => {
      looker.isStarted = true
      watch(all, looker)
    },
    // Whoever asks it is told.
    () => undefined,
  )
  return looker
}

function ask(all: Watch, asked: Asked): void {
  // Where memory runs out the kernel kills any process: that is no reason to look no more.
  if (all.looker && !all.looker.child.isAlive()) all.looker = null
  const about = aboutOf(asked)
  const dead = [...all.dead].find(([place]) => isBelow(about, place))
  const waits = [...all.stuck].some(({place}) => place !== null && isBelow(about, place))
  if (dead) {
    asked.reject(failure(asked, ...dead))
  } else if (waits || (all.looker === null && all.stuck.size >= most)) {
    all.held.push(asked)
  } else {
    all.looker ??= newLooker(all)
    give(all, all.looker, asked)
  }
}

function give(all: Watch, to: Looker, asked: Asked): void {
  to.line.push(asked)
  if (to.line.length === 1) watch(all, to)
  to.child.ask(asked.question).then(
    answer => done(all, to, asked, () => asked.resolve(answer)),
    error => done(all, to, asked, () => asked.reject(error)),
  )
}

function done(all: Watch, by: Looker, asked: Asked, settle: () => void): void {
  // It was given up, or another one was asked.
  if (by.line[0] !== asked) return
  by.line.shift()
  settle()
  if (by.place === null) watch(all, by)
  else release(all, by)
}

function watch(all: Watch, looker: Looker): void {
  clearTimeout(looker.timer)
  if (looker.isStarted && looker.line.length > 0)
    looker.timer = setTimeout(() => suspect(all, looker), slow)
}

/** It hangs, or the machine is busy: one question more is what that costs. */
function suspect(all: Watch, looker: Looker): void {
  const [first, ...others] = looker.line
  if (!first) return
  looker.line.splice(1)
  const {place, said} = whatHangs(first)
  looker.place = place
  all.stuck.add(looker)
  if (all.looker === looker) all.looker = null
  const {usual, ...share} = patience[first.question.kind === 'resolve' ? 'name' : 'file']
  const limit = within(usual, share)
  looker.timer = setTimeout(() => {
    all.dead.set(place, `${said} did not answer within ${inSeconds(limit)}`)
    looker.line.length = 0
    ask(all, first)
    release(all, looker)
  }, limit - slow)
  for (const other of others) ask(all, other)
}

/** It is stuck no more: what waited for that is asked. */
function release(all: Watch, looker: Looker): void {
  end(looker)
  all.stuck.delete(looker)
  for (const asked of all.held.splice(0)) ask(all, asked)
}

function end({child, timer}: Looker): void {
  clearTimeout(timer)
  child.kill()
}

function aboutOf({question}: Asked): string {
  return question.kind === 'resolve' ? question.name : question.path
}

function whatHangs(asked: Asked): {place: string; said: string} {
  const about = aboutOf(asked)
  return asked.question.kind === 'resolve'
    ? {place: about, said: `the resolver, asked for ${about},`}
    : hangingAt(about)
}

function failure({question}: Asked, place: string, why: string): Error {
  return question.kind === 'resolve'
    ? Object.assign(new Error(why), {code: 'EAI_AGAIN'})
    : new Hanging(why, place)
}
