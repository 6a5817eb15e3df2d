interface Place {
  readonly host: string
  readonly port: number | string
}

/** `127.0.0.1:8000`, `[::1]:8000` (RFC 3986, 3.2.2). */
export function hostPort({host, port}: Place): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** A name or an address by which every machine means itself. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost$|127\.|::1$)/.test(host)
}
