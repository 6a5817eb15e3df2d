import {textOf} from '../manual.ts'
import type {CompletedCommand, CompletedFlag, Grammar, Kind} from './grammar.ts'
import {journals, listUnits, quoted} from './grammar.ts'

/** For zsh with compinit; it works as a file of $fpath as well as sourced. */
export function zshScript(grammar: Grammar): string {
  const {commands, checks, groups, formats} = grammar
  const [main, ...others] = commands
  if (!main) throw new Error('there is no default command')
  return `#compdef prism-doctor
# zsh completion for prism-doctor
#   source <(prism-doctor completion zsh)
# or as the file _prism-doctor in a directory of $fpath

_prism-doctor_units() {
  local -a units
  units=(\${(f)"$(${listUnits} 2>/dev/null)"})
  # What is only mentioned by others, and systemd's own, is left out.
  units=(\${\${units:#*[[:space:]]not-found[[:space:]]*}%% *})
  units=(\${units:#(systemd|initrd)-*})
  _wanted units expl unit compadd -a units
}

_prism-doctor_runs() {
  local -a runs
  # Newest first.
  runs=(${journals}/*.jsonl(NOn:t:r))
  _wanted -V runs expl run compadd -a runs
}

_prism-doctor_checks() {
  local -a checks
  checks=(
${checks.map(({id, title}) => `    ${described(id, title)}`).join('\n')}
  )
  _describe -t checks check checks
}

_prism-doctor_groups() {
  _wanted groups expl group compadd - ${groups.join(' ')}
}

_prism-doctor_checks_or_groups() {
  _alternative 'groups:group:_prism-doctor_groups' 'checks:check:_prism-doctor_checks'
}

_prism-doctor_formatted_files() {
  if compset -P '(${formats.join('|')}):'; then
    _files
  else
    _alternative 'formats:format:compadd -S : - ${formats.join(' ')}' 'files:file:_files'
  fi
}

_prism-doctor_programs() {
  _alternative 'manage:manage.py:compadd manage' 'commands:command:_command_names -e'
}

_prism-doctor_commands() {
  local -a commands
  commands=(
${commands.map(({name, summary}) => `    ${described(name, summary)}`).join('\n')}
  )
  _describe -t commands command commands
}

${commands.map(commandFunction).join('\n')}
_prism-doctor() {
  local curcontext=$curcontext ret=1
  if (( CURRENT > 2 )); then
    case $words[2] in
      ${[main, ...others].map(({name}) => name).join('|')})
        local command=$words[2]
        shift words
        (( CURRENT-- ))
        curcontext="\${curcontext%:*}-$command:"
        _prism-doctor-$command
        return
        ;;
    esac
  elif [[ $words[2] != -* ]]; then
    _prism-doctor_commands && ret=0
  elif [[ $words[2] == --* ]]; then
    _wanted options expl option compadd - --version && ret=0
  fi
  _prism-doctor-${main.name} && ret=0
  return ret
}

if [[ $funcstack[1] == _prism-doctor ]]; then
  _prism-doctor "$@"
else
  if (( ! $+functions[compdef] )); then
    autoload -Uz compinit
    compinit
  fi
  compdef _prism-doctor prism-doctor
fi
`
}

function commandFunction({name, flags, takes}: CompletedCommand): string {
  const specs = [...flags.flatMap(flagSpecs), ...words(takes)]
  return `_prism-doctor-${name}() {
${takes?.kind === 'program' ? behindDashes : ''}  _arguments -s -S \\
${specs.map(spec => `    ${quoted(spec)}`).join(' \\\n')}
}
`
}

/** _arguments leaves the options of a command behind \`--\` alone. */
const behindDashes = `  local at=\${words[(i)--]}
  if (( at < CURRENT )) && [[ $at == 2 || $words[at-1] == -*=* || $words[at-2] == --(unit|config) ]]; then
    shift $at words
    (( CURRENT -= at ))
    if (( CURRENT == 1 )); then _prism-doctor_programs; else _normal; fi
    return
  fi
`

/** zshcompsys(1), _arguments. */
function flagSpecs(flag: CompletedFlag): readonly string[] {
  const {name, char, excludes, repeatable, kind} = flag
  const long = `--${name}`
  const short = char === null ? [] : [`-${char}`]
  const others = [...(repeatable ? [] : [...short, long]), ...excludes.map(each => `--${each}`)]
  const before = `${others.length > 0 ? `(${others.join(' ')})` : ''}${repeatable ? '*' : ''}`
  const after = `[${specText(textOf(flag))}]`
  const value = kind === null ? '' : `:${name}:${action(kind)}`
  return [
    `${before}${long}${kind === null ? '' : '='}${after}${value}`,
    ...short.map(each => `${before}${each}${after}${value}`),
  ]
}

function words(takes: CompletedCommand['takes']): readonly string[] {
  if (takes === null) return []
  if (takes.kind === 'program')
    return ['(-)1:command:_prism-doctor_programs', '*::argument: _normal']
  return [`${takes.repeatable ? '*' : '1'}:name:${action(takes.kind)}`]
}

function action(kind: Kind): string {
  if (typeof kind === 'object') return `(${kind.words.join(' ')})`
  return {
    files: '_files',
    'formatted-files': '_prism-doctor_formatted_files',
    units: '_prism-doctor_units',
    checks: '_prism-doctor_checks',
    'checks-or-groups': '_prism-doctor_checks_or_groups',
    runs: '_prism-doctor_runs',
    program: '_prism-doctor_programs',
    nothing: ' ',
  }[kind]
}

function specText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&')
}

function described(word: string, text: string): string {
  return quoted(`${word}:${text.replace(/[:\\]/g, '\\$&')}`)
}
