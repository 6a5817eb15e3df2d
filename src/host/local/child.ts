import {type ChildProcess, fork} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {CannotLook} from '../host.ts'
import {closing} from './closing.ts'
import {endWithUs} from './ending.ts'
import {environment, findProgram} from './exec.ts'
import {signalGroup} from './process-group.ts'

/** A process of ours that answers one question at a time and can be killed while it hangs. */
export interface Child {
  /**
   * Questions are answered in the order in which they were asked.
   * @throws what the other side threw: CannotLook, or an Error with its name and errno code;
   *   CannotLook when the child is killed or dies.
   */
  ask(question: unknown): Promise<unknown>
  /** False once it was killed, or is known to have died: it answers nothing any more. */
  isAlive(): boolean
  /**
   * Ends it at once, whatever it does. One that sleeps where no signal wakes it (a hard NFS mount)
   * is left to die when it wakes: nobody waits for it.
   */
  kill(): void
}

type Answer = {readonly answer: unknown} | {readonly error: Thrown}

/** An error on its way between two processes. */
interface Thrown {
  readonly name: string
  readonly message: string
  readonly code?: string | undefined
  readonly privilege?: boolean | undefined
}

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'cjs'

/**
 * Starts code of ours in a process of its own, which keeps this one alive only while it is asked
 * something, and ends with it.
 * @param name of the module beside this one, and of the bundle that scripts/build.ts makes of it,
 *   without ending: `eyes-child`.
 */
export function startChild(name: string): Child {
  const child = forked(fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url)))
  const waiting: Waiting[] = []
  let unsent: unknown[] = []
  let why: string | null = null
  const end = (reason: string): void => {
    if (why !== null) return
    why = reason
    forgetEnd()
    closing.removeEventListener('abort', self.kill)
    signalGroup(child, 'SIGKILL')
    if (child.connected) child.disconnect()
    child.channel?.unref()
    child.unref()
    for (const {reject} of waiting.splice(0)) reject(new CannotLook(reason))
  }
  // One message for all that is asked at once: each takes longer than most answers.
  const send = (): void => {
    const questions = unsent
    unsent = []
    if (why !== null) return
    child.channel?.ref()
    child.send({questions}, error => error && end(`${name} could not be asked: ${error.message}`))
  }
  const self: Child = {
    ask: question =>
      new Promise((resolve, reject) => {
        if (why !== null) return reject(new CannotLook(why))
        waiting.push({resolve, reject})
        if (unsent.push(question) === 1) setImmediate(send)
      }),
    isAlive: () => why === null,
    kill: () => end('nobody waits for the answer any more'),
  }
  child.on('message', message => {
    const next = waiting.shift()
    if (waiting.length === 0) child.channel?.unref()
    const said = message as Answer
    if ('error' in said) next?.reject(thrown(said.error))
    else next?.resolve(said.answer)
  })
  child.on('error', ({message}) => end(`${name} could not be started: ${message}`))
  child.on('exit', (code, signal) => end(`${name} ended with ${signal ?? code}`))
  child.unref()
  child.channel?.unref()
  const forgetEnd = endWithUs(self.kill)
  closing.addEventListener('abort', self.kill)
  return self
}

/** A session of its own: no terminal, and a process group that can be killed. */
function forked(script: string): ChildProcess {
  return fork(script, {
    cwd: '/',
    env: environment,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    detached: true,
    ...diesWithUs(),
  })
}

/**
 * While it hangs it would not see that we were killed: setpriv(1) lets the kernel kill it then
 * (PR_SET_PDEATHSIG of prctl(2)).
 */
function diesWithUs(): {readonly execPath: string; readonly execArgv: string[]} {
  try {
    const setpriv = findProgram('setpriv')
    return {execPath: setpriv, execArgv: ['--pdeathsig=KILL', '--', process.execPath]}
  } catch {
    return {execPath: process.execPath, execArgv: []}
  }
}

function thrown({name, message, code, privilege = false}: Thrown): Error {
  if (name === 'CannotLook') return new CannotLook(message, {privilege})
  return Object.assign(new Error(message), {name, ...(code !== undefined && {code})})
}

/** In the child: answers each question, and ends when nobody can ask any more. */
export function serve(answer: (question: never) => unknown): void {
  let last: Promise<void> = Promise.resolve()
  process.on('message', message => {
    const {questions} = message as {questions: readonly never[]}
    for (const question of questions)
      last = last.then(async () => {
        process.send?.(await answerOf(() => answer(question)))
      })
  })
  process.on('disconnect', () => process.exit())
}

async function answerOf(answer: () => unknown): Promise<Answer> {
  try {
    return {answer: await answer()}
  } catch (error) {
    const {name, message, code, privilege} = error as Thrown
    return {error: {name, message, code, privilege}}
  }
}
