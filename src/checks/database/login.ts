import {askAsService} from '../../facts/postgres/postgres.ts'
import {databaseOf} from '../../facts/target/target.ts'
import {CannotLook} from '../../host/host.ts'
import {ok} from '../../report/finding.ts'
import type {Check} from '../check.ts'
import {serviceUser} from '../service/user.ts'
import {loginRefused, passwordMissing} from './login.findings.ts'
import {databaseServer} from './server.ts'

export const databaseLogin: Check = {
  id: 'database/login',
  title: "The service's role can log in to PostgreSQL",
  explanation: {
    why: 'A server that answers may still refuse the service: then every page that needs the database fails.',
    asks: `The server is asked with the credentials that a new process of the service would get; over a Unix socket by a child that
runs as the service's user, since peer authentication looks at who asks. PostgreSQL tells a client of a wrong password
in four different cases (28P01); as root the difference is looked up over its own socket, as role postgres. Passwords
are never printed and never changed.`,
    findings: {
      'wrong-password': {
        means: 'The role has another password than the secrets.',
        remedy: "Set the role's password to that of the secrets (\\password in psql), or correct the secret.",
      },
      'stored-as-md5': {
        means: `The role's password is stored as MD5, from before password_encryption changed, and pg_hba.conf asks for
scram-sha-256, which cannot be answered from that, whatever the password.`,
        remedy: 'Set the same password again (\\password in psql), so that it is stored as SCRAM.',
      },
      rotated: {
        means: 'The role still has the old password, which the running process uses, and the secrets have a new one.',
        remedy: 'Give the role the new password, then restart the service.',
      },
      'no-password': {
        means: "The role has no password at all (NixOS's ensureUsers never sets one), and PostgreSQL asks for one.",
        remedy: 'Give the role the password of the secrets, or use the socket, which asks for none.',
      },
      expired: {
        means: "The role's password has expired.",
        remedy: "Let it be valid again (alter role … valid until 'infinity').",
      },
      'role-missing': {
        means: `PostgreSQL has no such role. In a new, empty cluster there is none either. Where postgresql-setup.service, which makes
it on NixOS, failed or is still running, it says so.`,
        remedy:
          'Make sure that this is the cluster with the data, then create the role (on NixOS declare it in ensureUsers).',
      },
      'may-not-log-in': {
        means: 'The role is not permitted to log in.',
        remedy: 'Let it log in (alter role … login).',
      },
      'password-refused': {
        means: `The password is refused, and which of the four cases it is nobody could look up: without root, or on a server
elsewhere.`,
        remedy: 'Run as root to tell which, or read the log of the server; then set the password.',
      },
      'no-password-sent': {
        means: 'PostgreSQL asks for a password, and the service has none to send.',
        remedy: 'Set it in the secrets and restart, or use the socket, which asks for none.',
      },
      'no-hba-entry': {
        means: `No line of pg_hba.conf admits the role to the database. A mistyped database ends here as well, and one of a similar
name is then suggested.`,
        remedy:
          'Correct the name of the database; or admit the role in pg_hba.conf (on NixOS services.postgresql.authentication).',
      },
      'hba-rejects': {
        means: 'A line of pg_hba.conf rejects the role.',
        remedy: 'Admit the role in pg_hba.conf (on NixOS services.postgresql.authentication).',
      },
      peer: {
        means:
          'Over the socket PostgreSQL sees the user of the service, and the service asks for a role of another name.',
        remedy: 'Ask for the role of that name, or map the user to the role.',
      },
      refused: {
        means: "PostgreSQL refuses the role for another reason, in its server's own words.",
        remedy: 'Read what it logged about it.',
      },
    },
    mistakenFor: `28P01 is not always a wrong password: the role may not exist. "Peer authentication failed" for root, or in your own
shell, says nothing of the service. A missing database is no matter of the login: authentication comes first. On NixOS
pg_hba.conf lies in the store, and a copy in the data directory is not read.`,
  },
  needs: [databaseServer, serviceUser],
  explainedBy: ['secrets/*'],
  async run({host, target}) {
    const database = databaseOf(target)
    if (!database) return ok('the service uses no PostgreSQL')
    if (target.environmentIncomplete) {
      const files = target.secretsFiles.filter(({variables}) => variables === null).map(({path}) => path)
      throw new CannotLook(`the service's password is not known: ${files.join(', ')} could not be read`, {
        privilege: host.uid !== 0,
      })
    }
    const answer = await askAsService(host, target, database)
    if (answer.kind === 'unreachable') {
      if (answer.code === 'password-required') {
        return passwordMissing(target, database)
      }
      throw new CannotLook(`PostgreSQL did not answer this time: ${answer.message}`)
    }
    if (answer.kind === 'error' && answer.sqlstate.startsWith('28')) return loginRefused(host, target, database, answer)
    if (answer.kind === 'error' && /^(?:53|57)/.test(answer.sqlstate)) {
      throw new CannotLook(`PostgreSQL let nobody in this time: ${answer.message}`)
    }
    return ok(`role "${database.user}" can log in`)
  },
}
