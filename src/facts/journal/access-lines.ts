/** A request that was answered, as the server's access log has it. */
export interface Answered {
  readonly method: string
  /** Without its query. */
  readonly path: string
  /** "?page=2"; empty where there is none. */
  readonly query: string
  readonly status: number
}

/** Whether a line is one of an access log, which may hold any words. */
export function isAccess(text: string): boolean {
  return /^[\da-f]*[.:][\da-f.:]+ |"[A-Z]+ \S+ HTTP\//.test(text)
}

/**
 * What a line of the access log tells: `… "GET /crops/?page=2 HTTP/1.1" 200 420 …` of gunicorn,
 * `… - "GET / HTTP/1.1" 200 OK` of uvicorn, `… GET /crops/ => generated 3 bytes in 1 msecs
 * (HTTP/1.1 200)` of uWSGI; null where it tells nothing.
 */
export function answeredIn(text: string): Answered | null {
  const [, method, path, query = '', status] =
    /^[^"]*"([A-Z]+) (\/[^\s?"]*)(\S*) HTTP\/[\d.]+" (\d{3})\b/.exec(text) ??
    /^\[pid: \d+\|[^"]*\] ([A-Z]+) (\/[^\s?]*)(\S*) => .*\(HTTP\/[\d.]+ (\d{3})\)/.exec(text) ??
    []
  return method && path ? {method, path, query, status: Number(status)} : null
}
