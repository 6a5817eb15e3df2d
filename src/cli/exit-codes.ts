/** What an exit code of a command means, for its help and the manual page. */
export type ExitCodes = readonly (readonly [code: string, meaning: string])[]

const notStarted = 'could not start: a bad flag, a bad configuration, no permission'

/** Of a diagnosis; the same for every format (report.ts has the numbers). */
export const verdictCodes: ExitCodes = [
  ['0', 'nothing is wrong'],
  ['1', 'it works, but something should be looked at'],
  ['2', 'something is broken'],
  ['3', 'could not look, or could not start'],
]

/** Of a command that only prints something. */
export const plainCodes: ExitCodes = [
  ['0', 'done'],
  ['3', notStarted],
]

export const undoCodes: ExitCodes = [
  ['0', 'listed, or everything was put back'],
  ['1', 'something could not be put back'],
  ['3', notStarted],
]

export const runCodes: ExitCodes = [
  ['N', "COMMAND's own exit code"],
  ['127', 'there is no such command'],
  ['3', 'it could not be run as the unit'],
]
