import {isHarmless, isPublicName, isSystemPath} from './names.ts'
import {isStandIn} from './stand-ins.ts'

/**
 * What gives a program its environment: options, uWSGI's `env =`, env(1) and a shell's export. To
 * others `-e` is an expression, as in `grep -e level=2x`.
 */
const giving =
  /(?<![\w.-])(?:-[eE](?:=|[ \t\0]+)(?=["']?[A-Z_][A-Z\d_]{0,63}=)|--(?:env|raw-env|setenv)(?:=|[ \t\0]+)|env[ \t]*=[ \t]*|env[ \t\0]+(?:-[^\s\0]{1,64}[ \t\0]+){0,4}|export[ \t]+)/g

/** One of several assignments, quoted as a whole, in part, or not at all. */
const assignment =
  /(?:"([A-Za-z_]\w{0,63})=([^"\n]{1,4096})"|'([A-Za-z_]\w{0,63})=([^'\n]{1,4096})'|([A-Za-z_]\w{0,63})=(?:"([^"\n]{1,4096})"|'([^'\n]{1,4096})'|([^\s"'`;&|<>()\0]{1,4096})))[ \t\0]*/y

/** A wrapper of Nixpkgs says how makeCWrapper was called. */
const setting =
  /(?<![\w.-])--set(?:-default)?[ \t\0]+["']?([A-Za-z_]\w{0,63})["']?[ \t\0]+(?:"([^"\n]{1,4096})"|'([^'\n]{1,4096})'|([^\s"';&|<>()\0]{1,4096}))/g

/** Environments in command lines and in scripts that start a program. */
export function* inCommands(text: string): Iterable<string> {
  const start = new RegExp(giving)
  while (start.exec(text)) {
    assignment.lastIndex = start.lastIndex
    for (let found = assignment.exec(text); found; found = assignment.exec(text)) {
      const [, inDouble, ofDouble, inSingle, ofSingle, alone = '', ...rest] = found
      const value = ofDouble ?? ofSingle ?? rest.find(each => each !== undefined) ?? ''
      if (isSecret(inDouble ?? inSingle ?? alone, value)) yield value
      start.lastIndex = assignment.lastIndex
    }
  }
  for (const [, name = '', double, single, plain] of text.matchAll(setting)) {
    const value = double ?? single ?? plain ?? ''
    if (isSecret(name, value)) yield value
  }
}

/** As in an environment; what a shell puts in, a path or an option is none either. */
function isSecret(name: string, value: string): boolean {
  return !(
    isPublicName(name) ||
    isHarmless(value) ||
    isStandIn(value) ||
    value.split(':').every(isSystemPath) ||
    /^[$-]|\$[({]/.test(value)
  )
}
