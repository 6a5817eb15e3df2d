import * as Flags from '@oclif/core/flags'

/** Of the commands that ask Django. */
export const deepFlag = {
  deep: Flags.boolean({
    description: 'ask Django all the way (URLs, models, system checks), also when nothing is wrong',
  }),
}

/** The flags of every command that looks at a machine. */
export const lookFlags = {
  unit: Flags.string({
    description:
      'the unit of the deployment (default prism-django.service, or the only Django service)',
    helpValue: 'NAME',
  }),
  config: Flags.string({
    description: 'default /etc/prism-doctor/config.toml when it is there',
    helpValue: 'FILE',
  }),
  timeout: Flags.integer({
    description: 'seconds for the whole run (default 30)',
    min: 1,
    max: 3600,
    helpValue: 'SECONDS',
  }),
  replay: Flags.string({
    description: 'diagnose a recorded machine instead of this one',
    helpValue: 'FILE',
  }),
}
