/**
 * Words in a path of which a GET may end a session, change or send something, or make much work. A
 * GET should change nothing (RFC 9110, 9.2.1), and not every page heeds that.
 */
const words = new Set(
  `
    abmelden abort accept action activate add apply approve archive assign authorize backup ban
    block bookmark bounce broadcast build bulk buy cancel cart change charge checkout claim clean
    cleanup clear clone close compile complete confirm connect copy create cron deactivate debug
    deconnexion delete deliver deploy destroy disable disconnect dislike dismiss dispatch download
    downvote drop dump duplicate edit email empty enable endsession enqueue erase event events evict
    exec execute expire export favorite favourite fetch finish fire flush follow force generate
    hijack hook hooks impersonate import initialize install invalidate invite ipn job jobs join kick
    kill leave like lock loeschen logoff logout mail maintenance mark merge migrate move mute new
    newsletter notify oauth oauth2 optout order pause pay payment pingback play poll process
    provision publish pull purge push queue reboot rebuild recalculate recover redeem refresh
    register reindex reject reload remove rename renew repair replay reply report rerun resend reset
    restart restore resume retry revoke rollback rotate run salir save schedule scrape seed send set
    setlang setup shutdown signoff signout sms socket spam sse star start stop store stream su
    submit subscribe sudo suspend switch sync task tasks terminate toggle token track trigger
    truncate unblock undo unfollow uninstall unlike unlock unmute unpublish unregister unsubscribe
    update upgrade upload upvote verify vote wake warmup webhook webhooks websocket wipe withdraw
    write ws wyloguj
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
  const said = path
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
  const joined = said.map((word, index) => `${word}${said[index + 1] ?? ''}`)
  return ![...said, ...joined].some(
    word =>
      words.has(word) || /^(?:log|sign)(?:out|off)|delet|remov|unsub|cancel|webhook/.test(word),
  )
}
