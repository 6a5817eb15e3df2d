export type ServerKind =
  | 'gunicorn'
  | 'uvicorn'
  | 'daphne'
  | 'hypercorn'
  | 'granian'
  | 'uwsgi'
  | 'manage.py'

/** `-m NAME` and a console script's name alike; Debian has a gunicorn3. */
const servers: Readonly<Record<string, ServerKind>> = {
  gunicorn: 'gunicorn',
  gunicorn3: 'gunicorn',
  'gunicorn.app.wsgiapp': 'gunicorn',
  uvicorn: 'uvicorn',
  'uvicorn.main': 'uvicorn',
  daphne: 'daphne',
  'daphne.cli': 'daphne',
  hypercorn: 'hypercorn',
  granian: 'granian',
  uwsgi: 'uwsgi',
  'uwsgi-core': 'uwsgi',
  pyuwsgi: 'uwsgi',
}

export const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh'])

/** The server that is run as `python -m NAME …`. */
export function moduleKind(name: string, words: readonly string[]): ServerKind | null {
  return (
    servers[name] ??
    (/^django(?:\.__main__)?$/.test(name) && isRunserver(words) ? 'manage.py' : null)
  )
}

export function isPython(name: string): boolean {
  return /^(?:python|pypy)[\d.]*$/.test(name)
}

/** The server that a program of this name is. */
export function kindOf(name: string, words: readonly string[]): ServerKind | null {
  // nixpkgs' wrappers call what they wrap .gunicorn-wrapped
  const known =
    servers[name.replace(/^\.(.+)-wrapped_*$/, '$1')] ??
    (/^uwsgi[_-]/.test(name) ? 'uwsgi' : undefined)
  if (known) return known
  return isRunserver(words) ? 'manage.py' : null
}

/** `manage.py runserver`, `django-admin runserver`, and what a package calls its manage.py. */
function isRunserver(words: readonly string[]): boolean {
  return (
    words.find(word => !word.startsWith('-')) === 'runserver' || words.includes('runserver_plus')
  )
}
