/**
 * One assignment of a list, as the remedies write them: `users.users.nginx.extraGroups = [ "prism"
 * ];`.
 */
const list = /^(\s*)([\w."-]+) = (lib\.mkForce )?\[ (.*) \];$/

/**
 * Nix takes one assignment of an option: where several texts give a list to the same one, the first
 * gets what all of them add, and the others no more of it. Other lines stay as they are.
 * @param texts in the order in which they are printed.
 * @returns what to print for each; empty where all of it stands further up.
 */
export function merged(texts: readonly string[]): ReadonlyMap<string, string> {
  const distinct = [...new Set(texts)]
  const items = new Map<string, Set<string>>()
  for (const line of distinct.flatMap(text => text.split('\n'))) {
    const [, , option, , words] = list.exec(line) ?? []
    if (option === undefined || words === undefined) continue
    const known = items.get(option) ?? new Set<string>()
    for (const [word] of words.matchAll(/\{.*?\}(?=\s|$)|"(?:[^"\\]|\\.)*"|\S+/g)) known.add(word)
    items.set(option, known)
  }
  const printed = new Set<string>()
  return new Map(
    distinct.map(text => {
      const lines = text.split('\n').flatMap(line => {
        const [, indent = '', option, force = ''] = list.exec(line) ?? []
        if (option === undefined) return [line]
        if (printed.has(option)) return []
        printed.add(option)
        return [`${indent}${option} = ${force}[ ${[...(items.get(option) ?? [])].join(' ')} ];`]
      })
      return [text, lines.join('\n')]
    }),
  )
}
