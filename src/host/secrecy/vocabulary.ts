/**
 * Words that stand in many answers: a password that is one of them cannot be hidden, and hiding it
 * would tell it. Names of programs and values, then the words of the messages by which the journal
 * tells why a service failed: without them none of these would be recognised, and "redacted-…
 * authentication failed" leaves no question which password it was.
 */
export const vocabulary: readonly string[] = `
EOFError Operation PostgreSQL wgunicorn UNABLE uWSGI later plugin shared when
localhost root postgres postgresql nginx gunicorn uvicorn redis django systemd
true false True False none None null enabled disabled

password secret secrets user User USER role admin default server service process main connection

Address Asserts Changing Connection Control Couldn Declare Exception Failed HINT DETAIL Invalid
Main Master Migration Missing Perhaps Peer Permission Read Reason Requested Resource Retrying
Service Shutting Start Starting State Stopping Temporary Terminating Watchdog Worker

access applied argument asserts attribute authentication available been before boot byte call
cannot canceling certfile character check chdir class code condition conf configured connect connections
constraint continuation core could create credentials database decode decouple define denied
dependencies dependency determine device directory does doesn down dumped duplicate empty encoding
entry envvar environment equivalent error errors execute executable execution exist exited
exceeded exceptions extend extension failed failure family fatal fields file files
find fork format found have having header host idle image incompatible initial inside invalid invoked issues
killed killer left level limit line list load locale locate lock manifest many memory migration migrations
mount must name named namespacing node nonexistent object only open operating operation option parent pass
passes
permission permitted pkey post protocol quickly reached read reading reentrant reference references
refused regular relation repeated request requested required responders result retry runtime running
schema scram second sent sequence server session setting settings signal skipped some space spawn spawning
special start started starting state statement staticfiles status step stderr stop storage store
such supplied support supported system systems task temporarily terminating that this time timed timeout
transaction translate unable unavailable unique unit unmet using utils value variable version
violates with without worker workertmp working

BlockingIOError BufferedWriter CommandError ConnectionError CREATE DataError DisallowedHost Errno
Error FATAL FileNotFoundError HaltServer HOST HTTP ImproperlyConfigured InconsistentMigrationHistory
IntegrityError InternalError KeyError AttributeError MissingFileError ModuleNotFoundError NAMESPACE
NodeNotFoundError NotARegularFileError NotSupportedError OperationalError OSError PermissionError
ProgrammingError ROOT RuntimeError SECCOMP SECRET SIGKILL SIGSEGV STATIC STDOUT SyntaxError
SystemCheckError SystemExit TABLE TIMEOUT UndefinedValueError UnicodeDecodeError UserWarning
ValueError WORKER whitenoise
`
  .trim()
  .split(/\s+/)
