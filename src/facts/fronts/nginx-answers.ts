import type {Level} from './nginx-servers.ts'

/** What turns away whom it does not like, with a status that its configuration need not name. */
const guarding =
  /^(?:auth_|limit_except|valid_referers|modsecurity|naxsi|testcookie|js_|perl)|_by_lua/

/**
 * The statuses that a block answers by itself: `return 404`, `rewrite … permanent`, `error_page 404
 * =410 …`, `internal`, and whatever turns visitors away.
 */
export function answersOf({replies, directives}: Level): ReadonlySet<number> {
  return new Set([
    ...replies.map(word => (/^\d{3}$/.test(word) ? Number(word) : 302)),
    ...(directives.has('internal') ? [404] : []),
    ...([...directives].some(each => guarding.test(each)) ? [401, 403, 405, 406, 429] : []),
    ...restrictionsOf(directives).keys(),
  ])
}

/**
 * Why nginx, as it is configured, may itself turn away who asks from this machine. A visitor may
 * fare better, and there is nothing to mend.
 */
export function restrictionsOf(directives: ReadonlySet<string>): ReadonlyMap<number, string> {
  const known = [
    [401, ['auth_basic', 'auth_request', 'auth_jwt']],
    [403, ['deny', 'auth_request', 'ssl_verify_client']],
    [429, ['limit_req', 'limit_conn']],
    [503, ['limit_req', 'limit_conn']],
  ] as const
  return new Map(
    known.flatMap(([status, names]) => {
      const name = names.find(each => directives.has(each))
      return name === undefined ? [] : [[status, name] as const]
    }),
  )
}
