import {once} from 'node:events'
import {existsSync, readFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {join, normalize} from 'node:path'
import {Client} from 'pg'

/**
 * A web server that stands for the application: it needs what Prism needs, and serves its static
 * files itself.
 */
export interface Web {
  /** Where it listens when it runs. */
  readonly port: number
  /** Rejects, and nothing listens, when the application could not start. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface WebOptions {
  readonly staticRoot: string
  /** What the unit would give a new process. */
  readonly environment: () => ReadonlyMap<string, string>
  /** PostgreSQL's and its own, on 127.0.0.1. */
  readonly databasePort: number
  readonly port: number
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset="utf-8"',
  js: 'text/javascript; charset="utf-8"',
  svg: 'image/svg+xml',
  png: 'image/png',
  wav: 'audio/x-wav',
  json: 'application/json',
}

const serverError =
  '<!doctype html>\n<html lang="en">\n<head>\n  <title>Server Error (500)</title>\n</head>\n<body>\n  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n'

export function createWeb({staticRoot, environment, databasePort, port}: WebOptions): Web {
  let server: Server | null = null

  const ask = async (statement: string): Promise<void> => {
    const variables = environment()
    const client = new Client({
      host: '127.0.0.1',
      port: databasePort,
      user: variables.get('POSTGRES_USER'),
      password: variables.get('POSTGRES_PASSWORD'),
      database: 'prism',
    })
    client.on('error', () => undefined)
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }

  return {
    port,
    async start() {
      if (!environment().has('SECRET_KEY')) throw new Error('SECRET_KEY is not set')
      const {paths} = readManifest(staticRoot)
      await ask('select 1')
      const page = `<!doctype html>\n<html lang="en">\n<head><title>Log in</title><link rel="stylesheet" href="/static/${paths['css/site.css']}"></head>\n<body><form method="post"><input name="username"><input name="password" type="password"></form></body>\n</html>\n`
      const started = createServer((request, response) => {
        const {pathname} = new URL(request.url ?? '/', 'http://localhost')
        if (pathname.startsWith('/static/')) serve(staticRoot, pathname, request, response)
        else if (pathname === '/') answer(response, 302, '', {location: '/accounts/login/'})
        else if (pathname !== '/accounts/login/' && pathname !== '/admin/login/')
          answer(response, 404, 'Not Found')
        else
          ask("select session_data from django_session where session_key = 'demo'").then(
            () => answer(response, 200, page),
            () => answer(response, 500, serverError),
          )
      })
      started.listen(port, '127.0.0.1')
      await once(started, 'listening')
      server = started
    },
    async stop() {
      if (!server) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      server = null
      await closed
    },
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {'content-type': 'text/html; charset=utf-8', ...headers}).end(body)
}

function serve(
  staticRoot: string,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = join(staticRoot, normalize(pathname.slice('/static'.length)))
  if (!existsSync(path)) {
    answer(response, 404, 'Not Found')
    return
  }
  const type = types[/\.([a-z]+)$/.exec(path)?.[1] ?? ''] ?? 'application/octet-stream'
  const gzipped =
    existsSync(`${path}.gz`) && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  answer(response, 200, readFileSync(gzipped ? `${path}.gz` : path), {
    'content-type': type,
    'cache-control': /\.[0-9a-f]{12}\.\w+$/.test(path)
      ? 'max-age=315360000, public, immutable'
      : 'max-age=60, public',
    ...(gzipped && {'content-encoding': 'gzip'}),
  })
}

export function readManifest(directory: string): {
  readonly paths: Readonly<Record<string, string>>
} {
  return JSON.parse(readFileSync(join(directory, 'staticfiles.json'), 'utf8'))
}
