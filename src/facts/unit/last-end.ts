import {execCommands, failedCommand, type Unit} from '../../host/unit.ts'
import type {CheckId} from '../../report/finding.ts'

/** How a command of the unit ended badly. */
export interface End {
  readonly program: string
  readonly how: 'exited' | 'signal'
  readonly status: number
}

/**
 * Which command failed last; null where none did. Where one of ExecStartPre= did, ExecMainStatus=
 * is 0.
 */
export function lastEnd(unit: Unit): End | null {
  const failed = failedCommand(unit)
  if (failed) {
    const how = failed.code === 'exited' ? 'exited' : 'signal'
    return {program: baseName(failed.path), how, status: failed.status}
  }
  const code = unit.get('ExecMainCode')
  const status = Number(unit.get('ExecMainStatus'))
  // CLD_EXITED, CLD_KILLED and CLD_DUMPED of waitid(2).
  if (!/^[123]$/.test(code) || (code === '1' && status === 0)) return null
  return {program: mainProgram(unit), how: code === '1' ? 'exited' : 'signal', status}
}

/** The name of the program that ExecStart= starts. */
export function mainProgram(unit: Unit): string {
  return baseName(execCommands(unit, 'ExecStart')[0]?.path ?? 'its main process')
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What systemd's own child could not do before the program ran. */
export interface FailedStep {
  /** "its user does not exist (217/USER)" */
  readonly text: string
  /** The check that sees the fault itself, where one does. */
  readonly seenBy: CheckId | null
}

/** By exit code (systemd.exec(5), "Process Exit Codes"). */
export const failedSteps: Readonly<Record<number, FailedStep>> = {
  200: {text: 'its working directory could not be entered (200/CHDIR)', seenBy: 'service/package'},
  203: {text: 'its program could not be executed (203/EXEC)', seenBy: 'service/package'},
  209: {text: 'its standard output could not be set up (209/STDOUT)', seenBy: null},
  216: {text: 'its group does not exist (216/GROUP)', seenBy: 'service/user'},
  217: {text: 'its user does not exist (217/USER)', seenBy: 'service/user'},
  218: {text: 'its capabilities could not be set (218/CAPABILITIES)', seenBy: null},
  226: {text: 'its sandbox could not be set up (226/NAMESPACE)', seenBy: 'state/directory'},
  228: {text: 'its system call filter could not be set up (228/SECCOMP)', seenBy: null},
  233: {text: 'its runtime directory could not be made (233/RUNTIME_DIRECTORY)', seenBy: null},
  238: {
    text: 'its state directory could not be made (238/STATE_DIRECTORY)',
    seenBy: 'state/directory',
  },
  243: {text: 'its credentials could not be read (243/CREDENTIALS)', seenBy: 'secrets/file'},
}
