/**
 * The command that does by hand to a tree what `--fix` does, as nearly as find(1) can: it follows
 * no link, enters no other filesystem, and leaves alone what has another name, which may lie
 * elsewhere. -execdir, so that nobody can swap a directory on the way.
 */
export function wholeTree(path: string, ...argv: readonly string[]): readonly string[] {
  const single = ['(', '-type', 'd', '-o', '-type', 'f', '-links', '1', ')']
  return ['find', path, '-xdev', ...single, '-execdir', ...argv, '{}', '+']
}
