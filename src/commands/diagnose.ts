import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type {Check} from '../checks/check.ts'
import {answer} from '../cli/answer.ts'
import {assertAnswering} from '../cli/answering.ts'
import {oweAnswer} from '../cli/deliver.ts'
import {assertDeliverable, deliveriesOf, filesOf} from '../cli/deliveries.ts'
import {deepFlag, lookFlags} from '../cli/flags.ts'
import {assertNames, readConfig} from '../cli/input.ts'
import {openSession} from '../cli/session.ts'
import {unitName} from '../cli/unit-name.ts'
import {assertKnown, matches} from '../engine/names.ts'
import {registryOf} from '../engine/registry.ts'
import {select} from '../engine/select.ts'
import type {Report} from '../report/report.ts'
import {formats} from '../report/reporters/index.ts'
import {UsageError} from '../report/usage-error.ts'
import {commandNames} from './names.ts'

export default class Diagnose extends Command {
  static override summary = 'Find out what is wrong with the deployment and what caused it.'
  static override description =
    `Without a command, prism-doctor diagnoses. A named check brings along what it needs and what may explain it.

Exit code: 0 nothing is wrong, 1 warning, 2 critical, 3 could not look or could not start.`
  static override examples = [
    'sudo prism-doctor',
    'sudo prism-doctor static database/login',
    'sudo prism-doctor --unit shop.service --json --output report.json',
    'sudo prism-doctor --dry-run',
  ]

  static override strict = false
  static override args = {
    checks: Args.string({
      ignoreStdin: true,
      description: 'checks or groups to run; all when none is named',
    }),
  }
  static override flags = {
    ...lookFlags,
    json: Flags.boolean({
      description: 'the report as one JSON document (the same as --format json)',
    }),
    format: Flags.option({
      options: formats,
      description: 'how the report is written',
      exclusive: ['json'],
    })(),
    output: Flags.string({
      description:
        'write the answer to this file, atomically, in this format (default: that of --format); may be repeated, one run for all',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '[FORMAT:]FILE',
    }),
    skip: Flags.string({
      description: 'a check or group to leave out; may be repeated',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'CHECK|GROUP',
    }),
    ...deepFlag,
    fix: Flags.boolean({
      description: 'show what can be put right, ask, do it and look again',
      exclusive: ['replay'],
    }),
    'dry-run': Flags.boolean({
      description: 'only show what --fix would do; needs no --fix',
      exclusive: ['replay'],
    }),
    yes: Flags.boolean({
      description: 'with --fix: do not ask, carry out the safe steps',
      dependsOn: ['fix'],
    }),
    disruptive: Flags.boolean({
      description: 'with --fix --yes: also the steps that restart or change data',
      dependsOn: ['yes'],
    }),
    'no-cache': Flags.boolean({
      description: 'read every static file, also those that are as an earlier run left them',
    }),
    record: Flags.string({
      description:
        'also record what was asked, as `record` does; with --fix as it was found, and as it was left beside it',
      helpValue: 'FILE',
      exclusive: ['replay'],
    }),
    verbose: Flags.boolean({
      description: 'evidence and timing of every check, the healthy ones too',
    }),
  }

  override async run(): Promise<Report> {
    const {argv, flags} = await this.parse(Diagnose)
    const named = argv as string[]
    const deliveries = deliveriesOf(flags)
    const {config: settings, replay, record, timeout} = flags
    await assertAnswering([...filesOf(deliveries), settings, replay, record], timeout)
    assertDeliverable(deliveries, {'--record': record})
    const unit = flags.unit === undefined ? null : unitName(flags.unit, () => '--unit')
    oweAnswer(deliveries, unit)
    const tape =
      flags.record === undefined ? null : (await import('../cli/tape.ts')).createTape(flags.record)
    // What is mistyped is told at once, before anything is asked.
    const config = await readConfig(flags.config)
    oweAnswer(deliveries, unit ?? config.unit ?? null)
    await assertAnswering(config.checks ?? [], timeout ?? config.timeout)
    const checks = await registryOf(config.checks)
    assertKnown(named, checks, notChecks())
    assertKnown(flags.skip ?? [], checks)
    assertNames(config, checks)
    const selected = selectedOf(checks, named, [...(flags.skip ?? []), ...(config.skip ?? [])])
    // What is repaired has been seen in this very run.
    const remembers = !flags['no-cache'] && !flags.fix
    const session = await openSession({...flags, remembers}, tape?.wrap, config)
    const options = {checks: selected, deliveries, verbose: flags.verbose}
    const look = async (): Promise<Report> => {
      if (!flags.fix && !flags['dry-run']) return answer(session, options)
      const {repair} = await import('../cli/repair.ts')
      return repair(session, {
        ...options,
        registry: checks,
        dryRun: flags['dry-run'],
        yes: flags.yes,
        disruptive: flags.disruptive,
      })
    }
    const report = await look()
    await tape?.write(session)
    return report
  }
}

/**
 * @throws UsageError where everything that was asked for is left out: a run that looks at something
 *   else would say that nothing is wrong.
 */
function selectedOf(
  registry: readonly Check[],
  named: readonly string[],
  skipped: readonly string[],
): readonly Check[] {
  const selected = select(registry, named, skipped)
  const isAsked = ({id}: Check): boolean =>
    named.length === 0 || named.some(name => matches(name, id))
  if (selected.some(isAsked)) return selected
  const what = named.length === 0 ? 'every check' : named.join(' and ')
  const is = named.length > 1 ? 'are' : 'is'
  throw new UsageError(`${what} ${is} left out, so there is nothing to look at; skip fewer`)
}

/** Words that are easily typed in the place of a check, and what is meant by them. */
function notChecks(): ReadonlyMap<string, string> {
  return new Map([
    ...Object.keys(Diagnose.flags).map(name => [name, `--${name}`] as const),
    ...commandNames.map(name => [name, `the command ${name}`] as const),
  ])
}
