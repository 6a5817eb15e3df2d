import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type {Check} from '../checks/check.ts'
import {answer} from '../cli/answer.ts'
import {assertAnswering} from '../cli/answering.ts'
import {oweAnswer} from '../cli/deliver.ts'
import {assertApart, assertDeliverable, deliveriesOf, filesOf} from '../cli/deliveries.ts'
import {verdictCodes} from '../cli/exit-codes.ts'
import {deepFlag, fileName, lookFlags} from '../cli/flags.ts'
import {assertNames, readConfig} from '../cli/input.ts'
import {flagGroups} from '../cli/manual.ts'
import {withProgress} from '../cli/progress.ts'
import {remembering} from '../cli/remembering.ts'
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
  static override summary = 'Find out what is wrong with the deployment, and what caused it.'
  static override description =
    `This is what prism-doctor does without a command: \`prism-doctor\` and \`prism-doctor diagnose\` are the same. A check brings along what it needs and what may explain it.

Without --fix it changes nothing. With it, it changes only what it has shown and you have agreed to: at a terminal by answering, or with --yes (the safe steps) and --disruptive (all of them). With --dry-run it shows the plan and stops.`
  static override usage = [
    '[CHECK|GROUP ...] [FLAGS]',
    '--fix [--dry-run] [--yes [--disruptive]] [CHECK|GROUP ...] [FLAGS]',
  ]
  static override examples = [
    {command: 'sudo prism-doctor', description: 'diagnose the deployment'},
    {
      command: 'sudo prism-doctor static database/login',
      description: 'only these checks, what they need, and what may explain them',
    },
    {
      command: 'sudo prism-doctor --unit shop.service --json',
      description: 'diagnose another unit, for a program',
    },
    {
      command: 'sudo prism-doctor --output html:report.html --output json:report.json',
      description: 'diagnose once, and write a page and a document',
    },
    {command: 'sudo prism-doctor --dry-run', description: 'show what --fix would do'},
    {
      command: 'sudo prism-doctor --fix --yes',
      description: 'fix what can be fixed without an interruption',
    },
  ]
  static readonly exitCodes = verdictCodes

  static override strict = false
  static override args = {
    'check|group': Args.string({
      ignoreStdin: true,
      description: 'a check or a group, as `prism-doctor checks` lists them; all without one',
    }),
  }
  static override flags = {
    ...lookFlags,
    skip: Flags.string({
      description: 'leave out a check or a group',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'CHECK|GROUP',
      helpGroup: flagGroups.look,
    }),
    ...deepFlag,
    'no-cache': Flags.boolean({
      description: 'read every static file again, also the unchanged ones',
      helpGroup: flagGroups.look,
    }),
    format: Flags.option({
      options: formats,
      description: 'how the report is written',
      helpValue: 'FORMAT',
      helpGroup: flagGroups.answer,
      exclusive: ['json'],
    })(),
    json: Flags.boolean({
      description: 'the same as --format json',
      helpGroup: flagGroups.answer,
    }),
    output: Flags.string({
      description: 'write the report to a file, in this format or else that of --format',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '[FORMAT:]FILE',
      helpGroup: flagGroups.answer,
    }),
    verbose: Flags.boolean({
      description: 'evidence and timing of every check, the healthy ones too',
      helpGroup: flagGroups.answer,
    }),
    record: Flags.string({
      parse: fileName,
      description: 'also record what was asked and answered; with --fix before and after',
      helpValue: 'FILE',
      helpGroup: flagGroups.answer,
      exclusive: ['replay'],
    }),
    fix: Flags.boolean({
      description: 'show what can be fixed, ask, do it, and look again',
      helpGroup: flagGroups.repair,
      exclusive: ['replay'],
    }),
    'dry-run': Flags.boolean({
      description: 'only show what --fix would do; --fix may be left out',
      helpGroup: flagGroups.repair,
      exclusive: ['replay'],
    }),
    yes: Flags.boolean({
      description: 'with --fix: do the safe steps without asking',
      helpGroup: flagGroups.repair,
      relationships: [{type: 'some', flags: ['fix', 'dry-run']}],
    }),
    disruptive: Flags.boolean({
      description: 'with --yes: also the steps that restart something or change data',
      helpGroup: flagGroups.repair,
      dependsOn: ['yes'],
    }),
  }

  override async run(): Promise<Report> {
    const {argv, flags} = await this.parse(Diagnose)
    const named = argv as string[]
    const deliveries = deliveriesOf(flags)
    const {config: settings, replay, record, timeout} = flags
    await assertAnswering([...filesOf(deliveries), settings, replay, record], timeout)
    assertApart(deliveries, {'--record': record})
    const unit = flags.unit === undefined ? null : unitName(flags.unit, () => '--unit')
    // A file that cannot be written must not leave the others as they were an hour ago.
    oweAnswer(deliveries, unit)
    assertDeliverable(deliveries, {'--record': record})
    const tape =
      flags.record === undefined ? null : (await import('../cli/tape.ts')).createTape(flags.record)
    // What is mistyped is told at once, before anything is asked.
    const config = await readConfig(flags.config)
    oweAnswer(deliveries, unit ?? config.unit ?? null)
    await assertAnswering(config.checks ?? [], timeout ?? config.timeout)
    const checks = await registryOf(config.checks)
    const command = named.find(name => commandNames.some(known => known === name))
    if (command !== undefined)
      throw new UsageError(`${command} is a command, and comes first: prism-doctor ${command} ...`)
    assertKnown(named, checks, notChecks())
    assertKnown(flags.skip ?? [], checks)
    assertNames(config, checks)
    const selected = selectedOf(checks, named, [...(flags.skip ?? []), ...(config.skip ?? [])])
    // What is repaired has been seen in this very run.
    const remembers = !flags['no-cache'] && !flags.fix
    const session = await withProgress(
      'looking for the unit',
      openSession({...flags, remembers}, tape?.wrap, config),
    )
    const isWhole = named.length === 0 && flags.skip === undefined
    const options = {
      checks: selected,
      deliveries,
      verbose: flags.verbose,
      ...(await remembering(session, isWhole)),
    }
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
    ['version', '--version'],
  ])
}
