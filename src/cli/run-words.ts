/**
 * Our own flags of `prism-doctor run`, and the command with everything that is its own: what follows
 * `--`, or the first word.
 */
export function splitRun(
  argv: readonly string[],
): readonly [own: readonly string[], command: readonly string[]] {
  const start = argv.findIndex(
    (word, at) => !word.startsWith('-') && !/^--(?:unit|config)$/.test(argv[at - 1] ?? ''),
  )
  const dashes = argv.indexOf('--')
  if (dashes >= 0 && (start < 0 || dashes < start))
    return [argv.slice(0, dashes), argv.slice(dashes + 1)]
  return start < 0 ? [argv, []] : [argv.slice(0, start), argv.slice(start)]
}
