import * as Args from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {checks} from '../checks/index.ts'
import {bashScript} from '../cli/completion/bash.ts'
import {fishScript} from '../cli/completion/fish.ts'
import {type Grammar, grammarOf} from '../cli/completion/grammar.ts'
import {zshScript} from '../cli/completion/zsh.ts'
import {plainCodes} from '../cli/exit-codes.ts'
import {manualsOf} from '../cli/manual.ts'
import {writeAnswer} from '../cli/output.ts'
import {groupOf} from '../report/finding.ts'
import {formats} from '../report/reporters/index.ts'

const scripts = {bash: bashScript, zsh: zshScript, fish: fishScript} as const satisfies Readonly<
  Record<string, (grammar: Grammar) => string>
>

type Shell = keyof typeof scripts

export default class Completion extends Command {
  static override summary = 'Print what your shell needs to complete commands, flags and names.'
  static override description =
    'Load it where your shell starts, or write it to where your shell looks for such files. It completes the names of checks, groups, formats and files, of the services that systemd has loaded, and, for root, of the runs of --fix.'
  static override usage = 'completion bash|zsh|fish'
  static override examples = [
    {command: 'source <(prism-doctor completion bash)', description: 'in ~/.bashrc'},
    {
      command: 'source <(prism-doctor completion zsh)',
      description: 'in ~/.zshrc, below compinit',
    },
    {
      command: 'prism-doctor completion fish > ~/.config/fish/completions/prism-doctor.fish',
      description: 'once, and again after an update',
    },
  ]
  static readonly exitCodes = plainCodes
  static override args = {
    shell: Args.string({
      required: true,
      ignoreStdin: true,
      options: Object.keys(scripts),
      description: 'the shell',
    }),
  }

  override async run(): Promise<void> {
    const {args} = await this.parse(Completion)
    const grammar = grammarOf(manualsOf(this.config.commands), {
      checks: checks.map(({id, title}) => ({id, title})),
      groups: [...new Set(checks.map(({id}) => groupOf(id)))],
      formats,
    })
    await writeAnswer(scripts[args.shell as Shell](grammar), undefined)
  }
}
