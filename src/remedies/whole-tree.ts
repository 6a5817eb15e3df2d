import type {Opener} from '../facts/files/access.ts'

/**
 * The command that does by hand to a tree what `--fix` does, as nearly as find(1) can: it follows
 * no link, enters no other filesystem, and leaves alone what has another name, which may lie
 * elsewhere. -execdir, so that nobody can swap a directory on the way.
 */
export function wholeTree(path: string, ...argv: readonly string[]): readonly string[] {
  const single = ['(', '-type', 'd', '-o', '-type', 'f', '-links', '1', ')']
  // Modes one at a time, so that a directory is open to find before it enters.
  const end = argv[0] === 'chmod' ? ';' : '+'
  return ['find', path, '-xdev', ...single, '-execdir', ...argv, '{}', end]
}

/**
 * A chmod as the owner of the files, in words for sudo(8): it follows a link that takes the place of
 * a file meanwhile, and who owns them gains nothing by that.
 */
export function asOwner(uid: number, service: Opener, argv: readonly string[]): readonly string[] {
  if (uid === 0) return argv
  const owner = uid === service.uid ? service.name : `#${uid}`
  // find must be able to come back to where it began.
  return ['-u', owner, ...(argv[0] === 'find' ? ['env', '-C', '/'] : []), ...argv]
}
