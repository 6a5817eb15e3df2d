import type {Host} from '../host/host.ts'
import {visible} from '../report/escape.ts'
import type {Style} from '../report/reporters/style.ts'
import {listed} from '../report/reporters/words.ts'
import type {PlannedRemedy} from './plan.ts'
import {planLines} from './plan-lines.ts'
import type {Prospect} from './survey.ts'

/** Who decides: a person at a terminal, or flags. */
export interface Consent {
  /** Shows the plan. */
  show(prospects: readonly Prospect[], host: Host): Promise<void>
  /** Which of the remedies may be carried out. Null: nobody can be asked, and nothing happens. */
  ask(prospects: readonly Prospect[]): Promise<ReadonlySet<PlannedRemedy> | null>
}

export interface ConsentOptions {
  /** --yes: the safe steps. */
  readonly yes: boolean
  /** --disruptive: with --yes, all. */
  readonly disruptive: boolean
  /** A person can be asked. */
  readonly interactive: boolean
  readonly style: Style
  readonly width: number
  /** Replaces the secrets of a text. */
  readonly conceal: (text: string) => string
  readonly write: (text: string) => void
}

/**
 * Shows the plan, then asks once for the safe steps and once for the disruptive ones, as far as no
 * flag has answered.
 */
export function consentBy(options: ConsentOptions): Consent {
  const {yes, disruptive, interactive, style, width, write} = options
  const shown = (text: string): string => visible(options.conceal(text))
  return {
    async show(prospects, host) {
      const lines = await planLines(prospects, {host, style, width, shown})
      const steps = `${prospects.length} ${prospects.length === 1 ? 'step' : 'steps'}`
      write(`${[`The plan, ${steps}:`, '', ...lines].join('\n')}\n\n`)
    },
    async ask(prospects) {
      if (!yes && !interactive) return null
      const remedies = [
        ...new Set(
          prospects
            .filter(({refused}) => refused === null)
            .flatMap(({planned}) => planned.remedies),
        ),
      ]
      const accepted = new Set<PlannedRemedy>()
      try {
        for (const risk of ['safe', 'disruptive'] as const) {
          const some = remedies.filter(remedy => remedy.risk === risk)
          if (some.length === 0) continue
          const isFlagged = risk === 'safe' || disruptive
          if (yes ? isFlagged : await confirm(question(some, risk, prospects)))
            for (const each of some) accepted.add(each)
        }
        if (!yes) write('\n')
      } catch (error) {
        // Ctrl-C and a closed terminal end the questions, and nothing happens, also what was said
        // yes to.
        if (error instanceof Error && /^(?:ExitPromptError|AbortPromptError)$/.test(error.name))
          return null
        throw error
      }
      return accepted
    },
  }
}

/** Names the steps by their numbers in the plan, which stands right above. */
function question(
  remedies: readonly PlannedRemedy[],
  risk: PlannedRemedy['risk'],
  prospects: readonly Prospect[],
): string {
  const numbers = prospects.flatMap(({planned, refused}, index) =>
    refused === null && planned.remedies.some(remedy => remedies.includes(remedy))
      ? [`${index + 1}`]
      : [],
  )
  return `Carry out ${numbers.length === 1 ? 'step' : 'steps'} ${listed(numbers)} (${risk})?`
}

async function confirm(message: string): Promise<boolean> {
  const prompts = await import('@inquirer/prompts')
  return prompts.confirm({message, default: false}, {output: process.stderr})
}
