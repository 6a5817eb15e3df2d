import {type Fault, fault} from '../../container/fault.ts'

/** Adds lines to the end of the settings. */
const settings = (lines: string) => `edit_package sh -c 'cat >> prism/settings.py' <<'EOF'
${lines}
EOF
`

/** Django's own words in the journal, as most deployments have them. */
const logsToJournal = `
LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'handlers': {'console': {'class': 'logging.StreamHandler'}},
    'root': {'handlers': ['console'], 'level': 'WARNING'},
}`

/** A log of the application's own, in the directory that systemd makes for it. */
const logsToFile = `
LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'handlers': {'file': {'class': 'logging.FileHandler', 'filename': '/var/log/prism/app.log'}},
    'root': {'handlers': ['file'], 'level': 'INFO'},
}`

const ownLog = `
      ${settings(logsToFile)}
      add_to_unit LogsDirectory=prism
      restart_app`

/** A connection that is kept, and a server that was restarted below it. */
const keptConnections = `
      ${settings(`${logsToJournal}
DATABASES['default']['CONN_MAX_AGE'] = 600`)}
      edit_unit '/^Requires=postgresql/d'
      restart_app
      # Two at once, or one worker may answer all of them and the other never connect.
      two_at_once() { answers 200 & answers 200; wait; }
      sessions() { sql "SELECT count(*) FROM pg_stat_activity WHERE usename = 'prism'"; }
      both_connected() { two_at_once; [ "$(sessions)" = 2 ]; }
      until_true 20 both_connected
      systemctl restart postgresql.service
      until_true 20 sql 'SELECT 1'`

/** What the programs say: chains, events, refusals. */
export const words: readonly Fault[] = [
  fault('log-file-recreated-by-root', "A job of root recreated the application's log file", {
    inject: `
      ${ownLog}
      rm /var/log/prism/app.log
      install -o root -g root -m 0644 /dev/null /var/log/prism/app.log
      crash_app`,
    broken: `waits_for_retry && logged "Unable to configure handler 'file'"`,
    expect: {
      exit: 2,
      rootCauses: ['state/ownership'],
      message: /\/var\/log\/prism\/app\.log \(root:root\)/,
    },
  }),
  fault('database-restarted', 'PostgreSQL was restarted below connections that are kept', {
    inject: `
      failures() { journalctl -u $unit | grep -c 'Internal Server Error: /'; }
      both_failed() { two_at_once; [ "$(failures)" = 2 ]; }
      ${keptConnections}
      until_true 20 both_failed
      for _ in 1 2 3 4 5 6; do answers 200; done`,
    broken: 'answers 200 && logged "Internal Server Error: /"',
    expect: {
      exit: 1,
      rootCauses: ['service/journal'],
      message: /logged 2 times, last \d+ s ago; \d+ good answers since: .*closed the connection/,
    },
  }),
  fault('start-unexplained', 'The pre-start script ends for a reason that nobody has described', {
    inject: `
      edit_pre_start '2i echo "frobnicator: the moon is full" >&2; exit 3'
      crash_app`,
    broken: 'waits_for_retry && logged "the moon is full"',
    expect: {
      exit: 2,
      rootCauses: ['service/active'],
      message: /no cause is known: prism-django\.service .*the moon is full/,
    },
  }),
  fault('start-silent', 'The pre-start script ends and says nothing at all', {
    inject: `
      edit_pre_start '2i exit 3'
      crash_app`,
    broken: 'waits_for_retry && is Result exit-code',
    expect: {
      exit: 2,
      rootCauses: ['service/active'],
      message: /no cause is known: prism-django\.service .*exited with 3/,
    },
  }),
  fault('unit-setting-misspelt', 'A setting of the unit is misspelt, and systemd goes on without', {
    inject: `
      edit_unit 's/^Restart=always/Restarts=always/'
      restart_app`,
    broken: `is Restart no && logged "Unknown key.*Restarts"`,
    expect: {
      exit: 1,
      rootCauses: ['service/unit'],
      message:
        /ignores Restarts= in line \d+ of \S+prism-django\.service: .*\(Restart may be meant\)/,
    },
  }),
  fault(
    'unit-value-not-parsed',
    'A value of the unit cannot be parsed, and systemd goes on without',
    {
      inject: `
      edit_unit 's/^RestartSec=10/RestartSec=10 lamps/'
      restart_app`,
      broken: `logged "Failed to parse RestartSec=.*lamps"`,
      expect: {
        exit: 1,
        rootCauses: ['service/unit'],
        message: /ignores RestartSec= in line \d+ of \S+: it cannot parse the value$/,
      },
    },
  ),
  fault(
    'healthy-unit-corrected',
    'A misspelt setting was corrected, and one is of a newer systemd',
    {
      inject: `
      edit_unit 's/^Restart=always/Restarts=always/'
      edit_unit 's/^Restarts=always/Restart=always/'
      add_to_unit ProtectLamps=strict
      restart_app`,
      broken: 'answers 200 && logged "Unknown key.*Restarts" && logged "Unknown key.*ProtectLamps"',
      expect: {exit: 0, rootCauses: []},
    },
  ),
  fault('origin-not-trusted', 'Forms come from https, which Django takes for http', {
    inject: `
      ${settings(logsToJournal)}
      restart_app
      curl -s -o /dev/null -H 'Origin: https://prism.midship.local' -d a=b http://prism.midship.local/accounts/login/
      curl -s -o /dev/null -H 'Origin: https://evil.example' -d a=b http://prism.midship.local/accounts/login/`,
    broken: 'logged "Origin checking failed - https://prism.midship.local"',
    expect: {
      exit: 1,
      rootCauses: ['service/journal'],
      message:
        /forms sent from https:\/\/prism\.midship\.local, which nginx serves, were refused once/,
    },
  }),
  fault('healthy-scanners', 'Scanners send forms without a cookie, and from elsewhere', {
    inject: `
      ${settings(logsToJournal)}
      restart_app
      curl -s -o /dev/null -H 'Origin: https://evil.example' -d a=b http://prism.midship.local/accounts/login/
      curl -s -o /dev/null -d a=b http://prism.midship.local/accounts/login/`,
    broken: 'answers 200 && logged "CSRF cookie not set"',
    expect: {exit: 0, rootCauses: []},
  }),
  fault('healthy-own-log', 'The application writes a log of its own', {
    inject: ownLog,
    broken: 'answers 200 && [ -e /var/log/prism/app.log ]',
    expect: {exit: 0, rootCauses: []},
  }),
]
