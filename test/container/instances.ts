import {existsSync, readFileSync} from 'node:fs'
import {link, mkdir, readdir, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {running} from './paths.ts'
import {isAlive, type Process, processOf} from './processes.ts'

/**
 * What is written down of an instance, so that whoever comes next can end it: only what is recorded
 * is touched.
 */
interface State {
  /** The driver that uses the instance. */
  readonly owner: Process
  /** Left running on purpose: not to be cleared away when its owner has gone. */
  readonly kept: boolean
  /** systemd-nspawn. */
  readonly nspawn: Process | null
  /** The container's PID 1, seen from outside. */
  readonly leader: Process | null
}

/** The instance that builds; whoever holds it is the only one that builds. */
export const builder = 99

export const directory = (instance: number): string => join(running, String(instance))
const stateFile = (instance: number): string => join(running, `${instance}.json`)

export function readState(instance: number): State | null {
  try {
    return JSON.parse(readFileSync(stateFile(instance), 'utf8')) as State
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

const none: Omit<State, 'owner'> = {kept: false, nspawn: null, leader: null}

/** Takes the instance for this process; false when another one that runs has it. */
export async function claim(instance: number): Promise<boolean> {
  if (isOurs(instance)) return true
  if (isTaken(instance)) return false
  await mkdir(running, {recursive: true, mode: 0o700})
  const left = readState(instance)
  // What was left over stays recorded until it is ended; the file's creation decides between two
  // who come at once.
  await rm(stateFile(instance), {force: true})
  const file = await written(instance, {
    ...none,
    ...left,
    kept: false,
    owner: processOf(process.pid),
  })
  const isFirst = await link(file, stateFile(instance)).then(
    () => true,
    () => false,
  )
  await rm(file)
  return isFirst
}

/** Records more of an instance that is this process's own. */
export async function record(instance: number, change: Partial<State>): Promise<void> {
  const state: State = {...none, ...readState(instance), owner: processOf(process.pid), ...change}
  await rename(await written(instance, state), stateFile(instance))
}

/** A file of this process's own that holds the state: others never see one that is half written. */
async function written(instance: number, state: State): Promise<string> {
  const file = join(running, `${instance}.${process.pid}`)
  await writeFile(file, JSON.stringify(state))
  return file
}

export async function release(instance: number): Promise<void> {
  await rm(stateFile(instance), {force: true})
}

function isOurs(instance: number): boolean {
  const owner = readState(instance)?.owner
  return owner !== undefined && owner.pid === process.pid && isAlive(owner)
}

/** Whether another driver that still runs is using the instance. */
function isTaken(instance: number): boolean {
  const owner = readState(instance)?.owner
  return owner !== undefined && owner.pid !== process.pid && isAlive(owner)
}

/** Instances whose driver ended without ending them. */
export async function leftOver(): Promise<number[]> {
  if (!existsSync(running)) return []
  return (await readdir(running))
    .filter(name => name.endsWith('.json'))
    .map(name => Number.parseInt(name, 10))
    .filter(
      instance => !isTaken(instance) && !isOurs(instance) && readState(instance)?.kept === false,
    )
}
