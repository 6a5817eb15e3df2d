/**
 * Writes variables as systemd's EnvironmentFile= reads them back (src/basic/env-file.c): within double quotes a backslash
 * stands before `"`, `\`, "`" and `$` alone, and a line may end.
 */
export function environmentText(variables: Iterable<readonly [string, string]>): string {
  return [...variables].map(([name, value]) => `${name}="${value.replace(/["\\`$]/g, '\\$&')}"\n`).join('')
}
