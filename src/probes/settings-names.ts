/** Names that the application's settings read from the environment. */
export interface SettingsNames {
  /** Read without a default at the top level: without them the application stops at import. */
  readonly required: ReadonlySet<string>
  /** Read without a default inside a block (if, elif, else): needed when that block is entered. */
  readonly conditional: ReadonlySet<string>
  /** Every name that is read at all. */
  readonly read: ReadonlySet<string>
  /** What a name that nobody sets comes to, where its default is written out and not empty. */
  readonly defaults: ReadonlyMap<string, string>
}

/** `config('NAME')` of python-decouple, `os.environ['NAME']`, `os.environ.get('NAME')`, `os.getenv('NAME')`, `env('NAME')` of django-environ. */
const reading =
  /\b(config|os\.environ\.get|os\.getenv|env(?:\.\w+)?)\(\s*(['"])([A-Z][A-Z0-9_]*)\2([^\n]*)|os\.environ\[\s*(['"])([A-Z][A-Z0-9_]*)\5\s*\]/g

/** Which names a settings file reads, from its text: Python is not run. */
export function settingsNames(source: string): SettingsNames {
  const required = new Set<string>()
  const conditional = new Set<string>()
  const read = new Set<string>()
  const defaults = new Map<string, string>()
  for (const line of source.split('\n')) {
    if (/^\s*#/.test(line)) continue
    for (const [, call, , called, rest = '', , subscript] of line.matchAll(reading)) {
      const name = called ?? subscript
      if (!name) continue
      read.add(name)
      const text = defaultOf(rest)
      if (text) defaults.set(name, text)
      if (call?.startsWith('os.') || (called && hasDefault(rest))) continue
      if (/^\s/.test(line)) conditional.add(name)
      else required.add(name)
    }
  }
  return {required, conditional, read, defaults}
}

/** What follows the name: `)` and `, cast=bool)` are no default; `, 'x')` and `, default=x` are. */
function hasDefault(rest: string): boolean {
  const [, after] = /^\s*,\s*(.*)$/.exec(rest) ?? []
  return after !== undefined && (/\bdefault\s*=/.test(after) || !/^cast\s*=/.test(after))
}

function defaultOf(rest: string): string | undefined {
  return /^\s*,\s*(?:default\s*=\s*)?(?:'([^'\\]*)'|"([^"\\]*)"|(True|False))\s*[,)]/.exec(rest)?.slice(1).find(Boolean)
}
