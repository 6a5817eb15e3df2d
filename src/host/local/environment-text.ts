/**
 * Writes variables as systemd's EnvironmentFile= reads them back (src/basic/env-file.c): within
 * double quotes a backslash stands before `"`, `\`, "`" and `$` alone, and a line may end. What is
 * no name of a variable is left out: systemd would ignore it, and write it into the journal with
 * its value.
 */
export function environmentText(variables: Iterable<readonly [string, string]>): string {
  return [...variables]
    .filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(([name, value]) => `${name}="${value.replace(/["\\`$]/g, '\\$&')}"\n`)
    .join('')
}
