import {type ChildProcess, spawn} from 'node:child_process'
import {readdirSync, rmSync} from 'node:fs'
import {constants} from 'node:os'
import {type AsUnitOptions, CannotLook} from '../host.ts'
import {ifSeen} from '../if-seen.ts'
import {createAsUnit, exitOf} from './as-unit.ts'
import {leaveSignals} from './ending.ts'
import {environment, exec, findProgram} from './exec.ts'
import {handOverDirectory} from './hand-over.ts'
import {stopUnit} from './running-units.ts'
import {createPrepare, type Transient} from './transient.ts'
import {endOf} from './unit-end.ts'

/** How it ended, as a shell would say it: 128 and the signal's number for one that was killed. */
export interface RunEnd {
  readonly exitCode: number
  /** Why systemd did not reach the program; null when it ran. */
  readonly notStarted: string | null
}

/**
 * Runs a program as the unit would, with our own stdin, stdout and stderr, for as long as it takes:
 * on a terminal through a pseudo terminal of its own, so that Ctrl-C and job control are the
 * program's; else as a filter.
 * @throws CannotLook without root or systemd-run, and for a unit that is not loaded.
 */
export async function runAsUnit(
  unit: string,
  argv: readonly string[],
  options: Pick<AsUnitOptions, 'environment' | 'as'> = {},
): Promise<RunEnd> {
  // What this systemd-run does not take is found out where it can be read what it says.
  await createAsUnit()(unit, [findProgram('true')])
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  const transient = await createPrepare()(unit, argv, options, {timeout: null, unbounded: true})
  try {
    const exitCode = await attached(transient, isTerminal)
    if (exitCode === 0) return {exitCode: toldEnd(transient.name), notStarted: null}
    const end = await endOf(transient.name)
    if (end.kind === 'exited') return {exitCode: end.status, notStarted: null}
    if (end.kind === 'killed') return {exitCode: 128 + end.signal, notStarted: null}
    if (end.kind !== 'not-started')
      throw new CannotLook(`systemd-run did not start ${argv[0]} (exit code ${exitCode})`)
    const said = end.said.split('\n')[0] ?? ''
    return {exitCode: end.status || 1, notStarted: said === '' ? end.step : `${end.step}: ${said}`}
  } finally {
    toldEnd(transient.name)
    transient.release()
  }
}

/**
 * For systemd a program that SIGINT, SIGTERM, SIGHUP or SIGPIPE ended has ended well, and
 * systemd-run says 0. So the unit leaves a file behind whose name says how it was, made outside of
 * the sandbox.
 */
function tellsItsEnd(name: string): readonly {readonly name: string; readonly value: string}[] {
  const file = `${handOverDirectory}/${name}.end-$\{EXIT_CODE}-$\{EXIT_STATUS}`
  return [
    {name: 'RootDirectoryStartOnly', value: 'yes'},
    {name: 'ExecStopPost', value: `-+${findProgram('touch')} ${file}`},
  ]
}

/** Reads that name, and removes it. 0 where nothing is told. */
function toldEnd(name: string): number {
  let told = 0
  for (const file of readdirSync(handOverDirectory).filter(file =>
    file.startsWith(`${name}.end-`),
  )) {
    const [, code, status = ''] = /\.end-(\w*)-(\w*)$/.exec(file) ?? []
    const signal = constants.signals[`SIG${status}` as NodeJS.Signals]
    if (code === 'killed' || code === 'dumped') told = 128 + (signal ?? 0)
    rmSync(`${handOverDirectory}/${file}`, {force: true})
  }
  return told
}

async function attached(transient: Transient, isTerminal: boolean): Promise<number | null> {
  const args = transient.command(isTerminal ? '--pty' : '--pipe', tellsItsEnd(transient.name))
  const child = spawn(findProgram('systemd-run'), args, {
    cwd: '/',
    env: {...environment, ...(isTerminal ? terminal() : {})},
    // Ctrl-C in front of a pipe is passed on by us: systemd-run would go, and leave the program
    // alone.
    detached: !isTerminal,
    stdio: 'inherit',
  })
  const pass = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' || signal === 'SIGQUIT') {
      if (!isTerminal) void kill(transient.name, signal)
    } else void ifSeen(stopUnit(transient.name))
  }
  leaveSignals()
  const signals = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, pass)
  const timer = forgetWhenStarted(transient, child)
  try {
    return await exitOf(child, 'exit')
  } finally {
    clearInterval(timer)
    for (const signal of signals) process.off(signal, pass)
  }
}

/** What a program on a terminal may know of it; systemd-run hands TERM on. */
function terminal(): NodeJS.ProcessEnv {
  const {TERM} = process.env
  return {
    ...(TERM !== undefined && /^[\w.+-]+$/.test(TERM) && {TERM}),
    SYSTEMD_TINT_BACKGROUND: '0',
    SYSTEMD_ADJUST_TERMINAL_TITLE: '0',
  }
}

async function kill(name: string, signal: NodeJS.Signals): Promise<void> {
  await exec(['systemctl', 'kill', `--signal=${signal}`, '--', name])
}

/**
 * What was handed over is read at the start: a shell that is open for hours must not keep it there.
 */
function forgetWhenStarted(transient: Transient, child: ChildProcess): NodeJS.Timeout {
  let tries = 0
  const timer = setInterval(async () => {
    tries += 1
    if (tries > 20 || child.exitCode !== null) return clearInterval(timer)
    const {exitCode} = await exec(['systemctl', 'is-active', '--quiet', '--', transient.name])
    if (exitCode !== 0) return
    transient.forget()
    clearInterval(timer)
  }, 500)
  return timer
}
