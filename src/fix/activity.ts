import type {Change, Step} from '../report/finding.ts'
import {commandLine, commandOf} from '../report/step.ts'

const unitVerbs: Readonly<Record<string, string>> = {
  start: 'starting',
  stop: 'stopping',
  restart: 'restarting',
  reload: 'reloading',
  'reset-failed': 'forgetting the failures of',
}

const changeVerbs: Readonly<Record<Change['kind'], string>> = {
  own: 'changing the owner of',
  mode: 'changing the mode of',
  make: 'making',
  aside: 'moving aside',
  remove: 'removing',
}

/** A step in one line: its command, but for a change that is made by no command. */
export function titleOf(step: Step): string {
  return step.change ? activity(step) : step.shell
}

/** What is going on while a step runs: "restarting prism-django.service". */
export function activity({argv, change, shell}: Step): string {
  if (change) return `${changeVerbs[change.kind]} ${change.path}`
  const [program, verb = '', ...units] = argv ?? []
  const doing = unitVerbs[verb]
  if (program === 'systemctl' && doing && units.length > 0) return `${doing} ${units.join(' ')}`
  if (program === 'systemctl' && verb === 'daemon-reload') return 'reloading the units'
  const command = commandOf(argv ?? [])
  if (command) return `running ${commandLine(...command.words)} as ${command.unit}`
  return `running ${argv ? commandLine(...argv) : shell}`
}
