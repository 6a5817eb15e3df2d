/**
 * Words in a path of which a GET may end a session, change or send something, or make much work. A
 * GET should change nothing (RFC 9110, 9.2.1), and not every page heeds that.
 */
const words = new Set(
  `
    abmelden abort accept action activate add approve archive authorize backup ban block bounce
    broadcast build bulk buy cancel cart change charge checkout clean cleanup clear close compile
    complete confirm connect create cron deactivate debug delete deliver deploy destroy disable
    disconnect dismiss dispatch download drop dump duplicate edit email empty enable endsession
    enqueue erase event events evict exec execute expire export fetch finish fire flush force
    generate hook hooks impersonate import initialize install invalidate invite ipn job jobs join
    kill leave lock logoff logout mail maintenance mark merge migrate move newsletter notify oauth
    oauth2 optout order pay payment pingback poll process provision publish pull purge push queue
    reboot rebuild recalculate recover refresh register reindex reject reload remove renew repair
    replay report rerun resend reset restart restore retry revoke rollback rotate run save
    schedule scrape seed send set setlang setup shutdown signoff signout sms socket spam sse start
    stop store stream submit subscribe suspend switch sync task tasks terminate toggle token track
    trigger truncate unblock undo uninstall unlock unpublish unregister unsubscribe update upgrade
    upload verify vote wake warmup webhook webhooks websocket wipe write ws
  `
    .trim()
    .split(/\s+/),
)

/**
 * Whether a page may be asked for to compare it: as a visitor could come to it by a link, without a
 * query, and without a word in its path that sounds as if it did something.
 */
export function isHarmless(path: string): boolean {
  if (!/^\/[\w/.~%@:+-]*$/.test(path) || path.startsWith('//') || path.length > 200) return false
  if (/%|\.\.|\.(?!html?$|txt$|xml$)[a-z\d]+$/i.test(path)) return false
  const said = path.toLowerCase().split(/[^a-z\d]+/)
  const joined = said.map((word, index) => `${word}${said[index + 1] ?? ''}`)
  return ![...said, ...joined].some(
    word =>
      words.has(word) || /^(?:log|sign)(?:out|off)|delet|remov|unsub|cancel|webhook/.test(word),
  )
}
