import type {Setting} from './uwsgi-ini.ts'

const short: Readonly<Record<string, string>> = {
  s: 'socket',
  w: 'module',
  H: 'home',
  x: 'xml',
  y: 'yaml',
  j: 'json',
}

/** The options of a command line; an option takes the next word unless that is an option itself. */
export function commandLine(words: readonly string[]): readonly Setting[] {
  const settings: Setting[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const next = words[at + 1]
    const equals = word.indexOf('=')
    if (word.startsWith('--') && equals > 0)
      settings.push([word.slice(2, equals), word.slice(equals + 1)])
    else if (word.startsWith('--')) {
      const value = next !== undefined && takes(word, next) ? next : null
      settings.push([word.slice(2), value ?? ''])
      if (value !== null) at += 1
    } else if (/^-[A-Za-z]/.test(word)) {
      const name = short[word[1] ?? '']
      if (name === undefined) continue
      settings.push([name, word.length > 2 ? word.slice(2) : (next ?? '')])
      if (word.length === 2) at += 1
    } else if (isConfiguration(word))
      settings.push([/\.ini(?::|$)/.test(word) ? 'ini' : 'config', word])
    else if (/\.(?:wsgi|py)$/.test(word)) settings.push(['wsgi-file', word])
    else if (/^[^/]*:\d+$/.test(word) || word.startsWith('/')) settings.push(['socket', word])
  }
  return settings
}

/** A configuration that stands behind an option which reads none is one of its own. */
function takes(option: string, next: string): boolean {
  if (next.startsWith('-')) return false
  return (
    !isConfiguration(next) || /^--(?:ini|include|inherit|yaml|yml|json|xml|config)$/.test(option)
  )
}

function isConfiguration(word: string): boolean {
  return /\.(?:ini|xml|ya?ml|json|js)(?::[^/]*)?$/.test(word)
}
