import {once} from 'node:events'
import {createServer, request} from 'node:http'

/** What stands for nginx: forwards everything, and says 502 when nobody answers. */
export interface WebProxy {
  readonly port: number
  readonly stop: () => Promise<void>
}

export async function startProxy(port: number, to: number): Promise<WebProxy> {
  const server = createServer((asked, response) => {
    const forwarded = request(
      {
        host: '127.0.0.1',
        port: to,
        path: asked.url,
        method: asked.method,
        headers: asked.headers,
        agent: false,
      },
      answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    forwarded.on('error', () =>
      response.writeHead(502, {'content-type': 'text/html'}).end('502 Bad Gateway\n'),
    )
    asked.pipe(forwarded)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
