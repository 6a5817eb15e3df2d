import {textOf} from '../manual.ts'
import type {CompletedCommand, CompletedFlag, Grammar, Kind} from './grammar.ts'
import {journals, listUnits} from './grammar.ts'

/** For fish 3.0 or newer. */
export function fishScript({commands, checks, groups, formats}: Grammar): string {
  const [main, ...others] = commands
  if (!main) throw new Error('there is no default command')
  const flags = commands.flatMap(each => each.flags)
  const valued = [...new Set(flags.flatMap(({name, kind}) => (kind === null ? [] : [`--${name}`])))]
  return `# fish completion for prism-doctor
#   prism-doctor completion fish > ~/.config/fish/completions/prism-doctor.fish

# The command is the first word, or the default one.
function __prism_doctor_command
    set -l words (commandline -opc)
    if contains -- "$words[2]" ${commands.map(({name}) => name).join(' ')}
        echo $words[2]
    else
        echo ${main.name}
    end
end

function __prism_doctor_in
    test (__prism_doctor_command) = $argv[1]
end

function __prism_doctor_at_first_word
    test (count (commandline -opc)) -eq 1
end

# Whether a word stands there already that is neither a flag nor the value of one.
function __prism_doctor_has_word
    set -l words (commandline -opc)[3..-1]
    set -l value
    for word in $words
        if set -q value[1]
            set -e value
        else if contains -- $word ${valued.join(' ')}
            set value yes
        else if not string match -q -- '-*' $word
            return 0
        end
    end
    return 1
end

function __prism_doctor_units
    for line in (${listUnits} 2>/dev/null)
        set -l parts (string split -n ' ' -- $line)
        # What is only mentioned by others, and systemd's own, is left out.
        test "$parts[2]" = not-found; or string match -v -r '^(systemd|initrd)-' -- $parts[1]
    end
end

function __prism_doctor_runs
    for file in ${journals}/*.jsonl
        string replace -r '.*/(.*)\\.jsonl$' '$1' -- $file
    end | sort -r
end

function __prism_doctor_checks
    printf '%s\\t%s\\n' \\
${checks.map(({id, title}) => `        ${word(id)} ${word(title)}`).join(' \\\n')}
end

function __prism_doctor_groups
    printf '%s\\tGroup\\n' ${groups.join(' ')}
end

function __prism_doctor_formatted_files
    set -l typed (commandline -ct | string replace -r '^--[a-z-]+=' '')
    if string match -qr '^(${formats.join('|')}):' -- $typed
        set -l parts (string split -m 1 : -- $typed)
        for file in (__fish_complete_path $parts[2])
            echo $parts[1]:$file
        end
    else
        printf '%s:\\tFormat\\n' ${formats.join(' ')}
        __fish_complete_path $typed
    end
end

# What stands behind --, or from the first word on, is a command of its own.
function __prism_doctor_program
    set -l words (commandline -opc)[3..-1]
    while set -q words[1]
        switch $words[1]
            case --
                set -e words[1]
                break
            case ${valued.join(' ')}
                set -e words[1]
                set -q words[1]; and set -e words[1]
            case '-*'
                set -e words[1]
            case '*'
                break
        end
    end
    set -l typed (commandline -ct)
    if set -q words[1]
        complete --do-complete=(string join ' ' -- (string escape -- $words) "$typed")
    else
        echo manage\\tmanage.py
        complete --do-complete="$typed"
    end
end

complete -c prism-doctor -f
${others.map(each => commandLine(each)).join('\n')}
${commandLine(main)}
complete -c prism-doctor -n __prism_doctor_at_first_word -l version -d ${word('show the version')}

${commands.map(commandLines).join('\n\n')}
`
}

function commandLine({name, summary}: CompletedCommand): string {
  return `complete -c prism-doctor -n __prism_doctor_at_first_word -a ${name} -d ${word(summary)}`
}

function commandLines({name, flags, takes}: CompletedCommand): string {
  const at = `__prism_doctor_in ${name}`
  const first = `${at}; and not __prism_doctor_has_word`
  // Of a command that runs another one, what follows is not ours.
  const own = takes?.kind === 'program' ? first : at
  const place = takes?.repeatable ? at : first
  return [
    ...flags.map(flag => flagLine(own, flag)),
    ...(takes ? [`complete -c prism-doctor -n '${place}' ${wordsOf(takes.kind)}`] : []),
  ].join('\n')
}

function flagLine(condition: string, flag: CompletedFlag): string {
  const {name, char, kind, excludes} = flag
  const unless = excludes.map(other => `; and not __fish_seen_argument -l ${other}`).join('')
  const text = word(textOf(flag))
  const short = char === null ? '' : ` -s ${char}`
  const value = kind === null ? '' : ` ${placeOf(kind)}`
  return `complete -c prism-doctor -n '${condition}${unless}' -l ${name}${short}${value} -d ${text}`
}

function placeOf(kind: Kind): string {
  return kind === 'files' ? '-r -F' : `-x${kind === 'nothing' ? '' : ` ${wordsOf(kind)}`}`
}

function wordsOf(kind: Kind): string {
  if (typeof kind === 'object') return `-a '${kind.words.join(' ')}'`
  return {
    files: '-F',
    'formatted-files': "-a '(__prism_doctor_formatted_files)'",
    units: "-a '(__prism_doctor_units)'",
    checks: "-a '(__prism_doctor_checks)'",
    'checks-or-groups': "-a '(__prism_doctor_groups; __prism_doctor_checks)'",
    runs: "-k -a '(__prism_doctor_runs)'",
    program: "-a '(__prism_doctor_program)'",
    nothing: '',
  }[kind]
}

/** One word of fish: within quotes only the quote and the backslash mean something. */
function word(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
