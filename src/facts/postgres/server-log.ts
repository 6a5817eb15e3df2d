/**
 * The last PANIC, FATAL or failed step of a journal or a log, with the DETAIL that follows it;
 * where it only sums up what a LOG line before it says ("could not load pg_hba.conf"), that line.
 */
export function lastReason(messages: readonly string[]): string | null {
  const found = messages.findLastIndex(
    message => fatal.test(message) && !ofOneSession.test(message),
  )
  const message = messages[found]
  if (message === undefined) return null
  const detail = /\bDETAIL: {2}(.*)/.exec(messages[found + 1] ?? '')?.[1]
  const said = wordsOf(message)
  const summed = summary.test(said) ? reasonBefore(messages.slice(0, found)) : null
  return (summed ?? (detail ? `${said}: ${detail}` : said)).replace(/\.$/, '')
}

/**
 * The postmaster puts no level before what it says before it has read its configuration
 * (postmaster.c, guc.c); "Error: " is pg_ctlcluster's, which starts Debian's clusters and refuses
 * what it cannot read itself.
 */
const fatal =
  /\b(?:PANIC|FATAL): {2}|Failed at step |^postgres: could not |^postgres does not know where to find |^Error: (?!.* exited with status)/

/** What ends one session and no server: a refused login, a session that was ended. */
const ofOneSession =
  /FATAL: {2}(?:\w+ authentication failed|no pg_hba\.conf entry|pg_hba\.conf rejects|role "|database "|terminating |sorry, too many|remaining connection|too many connections|the database system is|connection to client lost|permission denied for database|unsupported frontend|unrecognized configuration parameter)/

const summary =
  /^FATAL: (?:could not load |configuration file .* contains errors|could not create any )|step NAMESPACE/

/** The line of the same start that says what is wrong, with its place in the file. */
function reasonBefore(messages: readonly string[]): string | null {
  const start =
    messages.findLastIndex(message =>
      /^Starting |^Started |: Scheduled restart job/.test(message),
    ) + 1
  const last = messages.slice(start).findLastIndex(message => complaint.test(message))
  const message = messages[start + last]
  if (last < 0 || message === undefined) return null
  const context = /\bCONTEXT: {2}(.*)/.exec(messages[start + last + 1] ?? '')?.[1]
  return context ? `${wordsOf(message)} (${context})` : wordsOf(message)
}

const complaint =
  /Failed to set up mount namespacing: |\bLOG: {2}.{0,500}(?:could not |invalid |unrecognized |syntax error|missing |unsupported |end-of-line|specified|must )/

/** A line of the log without its prefix (log_line_prefix). */
export function wordsOf(message: string): string {
  return message.replace(/^.*?\b(?=(?:PANIC|FATAL|ERROR|LOG): )/s, '').replace(/\s+/g, ' ')
}
