import type {CompletedCommand, Grammar, Kind} from './grammar.ts'
import {journals, listUnits} from './grammar.ts'

/**
 * For bash 4.3 or newer. It needs nothing of the package bash-completion, and uses it where it is
 * there: for what a COMMAND takes, and behind sudo.
 */
export function bashScript(grammar: Grammar): string {
  const {commands, checks, groups, formats} = grammar
  const [main] = commands
  const names = commands.map(({name}) => name)
  const values = commands.flatMap(({name, flags}) =>
    flags.flatMap(flag => (flag.kind === null ? [] : [[`${name} --${flag.name}`, flag.kind]])),
  ) as readonly (readonly [string, Kind])[]
  const ids = checks.map(({id}) => id)
  const flags = commands.flatMap(each => each.flags)
  const again = new Set(flags.flatMap(({name, repeatable}) => (repeatable ? [`--${name}`] : [])))
  return `# bash completion for prism-doctor
#   source <(prism-doctor completion bash)

_prism_doctor_units() {
  local unit load rest
  # What is only mentioned by others, systemd's own, and what would need quoting is left out.
  while read -r unit load rest; do
    [[ $load == not-found || $unit == *\\\\* || $unit == @(systemd|initrd)-* ]] ||
      printf '%s\\n' "$unit"
  done < <(${listUnits} 2>/dev/null)
}

_prism_doctor_runs() {
  local file
  for file in ${journals}/*.jsonl; do
    file=\${file##*/}
    [[ $file == '*.jsonl' ]] || printf '%s\\n' "\${file%.jsonl}"
  done
}

# Offers those of the words that go on from what is typed.
_prism_doctor_offer() {
  local word
  for word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$prefix$word")
  done
}

# Leaves it to readline, which quotes what needs it.
_prism_doctor_files() {
  compopt -o default 2>/dev/null
}

_prism_doctor_formatted_files() {
  local format
  for format in ${formats.join(' ')}; do
    if [[ $cur == "$format":* ]]; then
      prefix+=$format:
      cur=\${cur#"$format":}
      _prism_doctor_files
      return
    fi
  done
  _prism_doctor_offer ${formats.map(format => `${format}:`).join(' ')}
  if ((\${#COMPREPLY[@]})); then compopt -o nospace 2>/dev/null; else _prism_doctor_files; fi
}

# What stands in the place of COMMAND: a program, then what that program takes.
_prism_doctor_program() {
  local at=$1
  if ((at == COMP_CWORD)); then
    if [[ $cur == */* ]]; then
      _prism_doctor_files
    else
      _prism_doctor_offer manage
      COMPREPLY+=($(compgen -c -- "$cur"))
    fi
  elif declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$at"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$at"
  else
    _prism_doctor_files
  fi
}

_prism_doctor() {
  local cur prefix='' line=\${COMP_LINE:0:COMP_POINT} rest word flag='' after='' at breaks
  local -a words=() starts=() given=()
  COMPREPLY=()

  # bash takes --output=json:FILE for five words; what no blank parts is one.
  for ((at = 0; at <= COMP_CWORD; at++)); do
    rest=\${line#"\${line%%[![:blank:]]*}"}
    word=\${COMP_WORDS[at]}
    ((at == COMP_CWORD)) && word=$rest
    if ((at == 0)) || [[ $rest != "$line" || -z $line ]]; then
      words+=("$word")
      starts+=("$at")
    else
      words[-1]+=$word
    fi
    line=\${rest#"$word"}
  done
  cur=\${words[-1]}

  local command=${main?.name} first=1 place=0
  if ((\${#words[@]} > 2)); then
    case \${words[1]} in
      ${names.join(' | ')})
        command=\${words[1]}
        first=2
        ;;
    esac
  fi

  for ((at = first; at < \${#words[@]} - 1; at++)); do
    word=\${words[at]}
    if [[ $flag ]]; then
      flag=''
    elif [[ -z $after && $word == -- ]]; then
      after=1
    elif [[ -z $after && $word == -* ]]; then
      given+=("\${word%%=*}")
      case "$command $word" in
        ${values.map(([flag]) => quotedPattern(flag)).join(' | ')}) flag=$word ;;
      esac
    elif [[ $command == run ]]; then
      _prism_doctor_program "\${starts[at]}"
      return
    else
      ((place++))
    fi
  done

  if [[ -z $flag && -z $after && $cur == --*=* ]]; then
    flag=\${cur%%=*}
    prefix=$flag=
    cur=\${cur#*=}
  fi

  if [[ $flag ]]; then
    case "$command $flag" in
${cases(values.map(([flag, kind]) => [quotedPattern(flag), offer(kind, ids, groups)]))}
    esac
  elif [[ -z $after && $cur == -* ]]; then
    local -a flags=() fresh=()
    case $command in
${cases(commands.map(each => [each.name, `flags=(${flagWords(each)})`]))}
    esac
    if ((\${#words[@]} == 2)); then flags+=(--version); fi
    for word in "\${flags[@]}"; do
      case $word in
        ${[...again].join(' | ')}) fresh+=("$word") ;;
        *) [[ " \${given[*]} " == *" $word "* ]] || fresh+=("$word") ;;
      esac
    done
    _prism_doctor_offer "\${fresh[@]}"
  else
    ((\${#words[@]} == 2)) && _prism_doctor_offer ${names.join(' ')}
    case $command in
${cases(commands.flatMap(each => (each.takes ? [[each.name, placed(each, ids, groups)]] : [])))}
    esac
  fi

  # readline replaces only what follows the last = or :, and from the last @ on.
  breaks=\${COMP_WORDBREAKS//[^=:]/}
  rest=$prefix$cur
  [[ $breaks ]] && rest=\${rest##*["$breaks"]}
  if [[ $COMP_WORDBREAKS == *@* && $rest == *@* ]]; then rest=@\${rest##*@}; fi
  word=$prefix$cur
  COMPREPLY=("\${COMPREPLY[@]#"\${word%"$rest"}"}")
}

complete -F _prism_doctor prism-doctor
`
}

function flagWords({flags}: CompletedCommand): string {
  return flags.map(({name}) => `--${name}`).join(' ')
}

function placed({takes}: CompletedCommand, ids: readonly string[], groups: readonly string[]) {
  if (!takes) return ':'
  const words = offer(takes.kind, ids, groups)
  return takes.repeatable ? words : `((place)) || ${words}`
}

function offer(kind: Kind, ids: readonly string[], groups: readonly string[]): string {
  if (typeof kind === 'object') return `_prism_doctor_offer ${kind.words.join(' ')}`
  return {
    files: '_prism_doctor_files',
    'formatted-files': '_prism_doctor_formatted_files',
    units: '_prism_doctor_offer $(_prism_doctor_units)',
    checks: `_prism_doctor_offer ${ids.join(' ')}`,
    'checks-or-groups': `_prism_doctor_offer ${[...groups, ...ids].join(' ')}`,
    runs: '_prism_doctor_offer $(_prism_doctor_runs)',
    program: `_prism_doctor_program "\${starts[-1]}"`,
    nothing: ':',
  }[kind]
}

function quotedPattern(flag: string): string {
  return `'${flag}'`
}

/** What is done in several cases is written once. */
function cases(rows: readonly (readonly string[])[]): string {
  const byAction = Map.groupBy(rows, ([, action]) => action)
  return [...byAction]
    .map(([action, same]) => {
      const patterns = same.map(([pattern]) => pattern).join(' | ')
      return `      ${patterns})\n        ${action}\n        ;;`
    })
    .join('\n')
}
