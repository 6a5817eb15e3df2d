import type {Duplex} from 'node:stream'

/** Bytes: all that we ask is answered in some hundred kilobytes. */
const most = 8 * 1024 * 1024

/**
 * Ends a connection over which too much comes: pg keeps what it is sent until a message is whole,
 * and an answer's rows until the last.
 */
export function limitReceived(stream: Duplex): void {
  let received = 0
  stream.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received <= most) return
    const message = `it sent more than ${most / 1024 / 1024} MiB, which no answer to us has`
    stream.destroy(Object.assign(new Error(message), {code: 'EMSGSIZE'}))
  })
}
