import type {ServerKind} from './kinds.ts'
import {daphne} from './servers/daphne.ts'
import {granian} from './servers/granian.ts'
import {gunicorn} from './servers/gunicorn.ts'
import {hypercorn} from './servers/hypercorn.ts'
import {runserver} from './servers/runserver.ts'
import type {Told} from './servers/told.ts'
import {uvicorn} from './servers/uvicorn.ts'
import type {Start} from './shell/start.ts'

/** What a server's command line says; uwsgi's is read elsewhere. */
export function told(kind: Exclude<ServerKind, 'uwsgi'>, start: Start): Told {
  switch (kind) {
    case 'gunicorn':
      return gunicorn(start)
    case 'uvicorn':
      return uvicorn(start)
    case 'daphne':
      return daphne(start)
    case 'hypercorn':
      return hypercorn(start)
    case 'granian':
      return granian(start)
    case 'manage.py':
      return runserver(start)
  }
}
