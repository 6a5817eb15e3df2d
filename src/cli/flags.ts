import {CLIError} from '@oclif/core/errors'
import * as Flags from '@oclif/core/flags'
import {flagGroups} from './manual.ts'

/** Seconds that a run may be given. */
export const timeouts = {min: 1, max: 3600} as const

/** @throws CLIError, which says what was given and what may be. */
async function seconds(text: string): Promise<number> {
  const {min, max} = timeouts
  const given = Number(text)
  if (/^\d{1,9}$/.test(text) && given >= min && given <= max) return given
  throw new CLIError(
    `${JSON.stringify(text)} is not a whole number of seconds from ${min} to ${max}`,
  )
}

/** @throws CLIError for what names no file. */
export async function fileName(text: string): Promise<string> {
  if (text === '') throw new CLIError('the name of the file is empty')
  return text
}

/** Of the commands that ask Django. */
export const deepFlag = {
  deep: Flags.boolean({
    description: 'start Django all the way (URLs, models, its own checks), even if all seems well',
    helpGroup: flagGroups.look,
  }),
}

/** The flags of every command that looks at a machine. */
export const lookFlags = {
  unit: Flags.string({
    description:
      'the unit of the deployment (default: prism-django.service, or the only Django service)',
    helpValue: 'NAME',
    helpGroup: flagGroups.look,
  }),
  config: Flags.string({
    parse: fileName,
    description: 'the configuration (default: /etc/prism-doctor/config.toml, if it is there)',
    helpValue: 'FILE',
    helpGroup: flagGroups.general,
  }),
  timeout: Flags.custom<number>({parse: seconds})({
    description: 'how long the whole run may take (default: 30)',
    helpValue: 'SECONDS',
    helpGroup: flagGroups.general,
  }),
  replay: Flags.string({
    parse: fileName,
    description: 'diagnose a recorded machine instead of this one',
    helpValue: 'FILE',
    helpGroup: flagGroups.look,
  }),
}
