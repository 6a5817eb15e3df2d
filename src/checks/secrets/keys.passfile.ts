import type {Passfile} from '../../facts/django/libpq.ts'
import {octal} from '../../facts/files/access.ts'
import {userName} from '../../facts/files/identity.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import {hiddenBy} from '../../facts/unit/sandbox-paths.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen, ifTold} from '../../host/if-seen.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {inSettings, isInstalled, restart} from '../../remedies/service.ts'
import {asOwner} from '../../remedies/whole-tree.ts'
import {finding, type Remedy, type Step, type Verdict} from '../../report/finding.ts'
import {byHand, edit, run} from '../../report/step.ts'
import {type Code, found} from './keys.findings.ts'

/**
 * Why libpq takes no password from the file where it looks, although PostgreSQL asks for one. Null
 * where nobody meant it to: the file is libpq's own, and is not there or speaks of others alone.
 */
export async function passfileAtFault(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  passfile: Passfile,
): Promise<Verdict<Code> | null> {
  const {path, state, named, access, differs, line} = passfile
  // A line that is for another host or role alone was meant for this one; more may be anybody's.
  const isNear = line !== null && differs.length < 2 && !differs.includes('form')
  const isSought = named || database.stated.password.variable === null
  const isMeant = isSought || isNear
  // Nobody knows what its lines are for.
  const isUnread = state === 'missing' || state === 'denied' || state === 'irregular'
  if (isUnread && !isSought) return null
  const evidence = await shownFile(host, passfile)
  switch (state) {
    case 'missing':
    case 'denied': {
      const behind = access === null ? await ifSeen(host.stat(path)) : null
      const setting = hiddenBy(target.unit, path)
      // Of a link nobody says here that it leads anywhere.
      const isElsewhere = state === 'missing' && behind !== null && behind.type !== 'symlink'
      if (isElsewhere || (behind && setting !== null))
        return finding(found['passfile-hidden'](path, setting), uncovered(target), {
          evidence: setting === null ? [] : [setting],
        })
      if (state === 'denied' && (access !== null || behind !== null))
        return denied(host, target, passfile, evidence)
      return named ? finding(found['passfile-missing'](path), written(target, path)) : null
    }
    case 'irregular':
      return finding(found['passfile-not-a-file'](path), written(target, path), {evidence})
    case 'open':
      return isMeant ? open(host, target, passfile, evidence) : null
    case 'read': {
      if (!isMeant || (line === null && !named)) return null
      const {name, port, user} = database
      const asked = `${passfile.wanted}:${port}:${name}:${user}`
      const cure = mend('Give the password file a line for this connection', edited(target, path))
      return finding(found['passfile-unmatched'](passfile, asked), cure, {evidence})
    }
  }
}

/** `0644 root /var/lib/prism-django/.pgpass`. */
async function shownFile(host: Host, {path, access}: Passfile): Promise<readonly string[]> {
  if (access === null) return []
  const owner = (await ifSeen(userName(host, access.uid))) ?? String(access.uid)
  return [`${octal(access.mode)} ${owner} ${path}`]
}

async function open(
  host: Host,
  target: Target,
  {path, access}: Passfile,
  evidence: readonly string[],
): Promise<Verdict<Code>> {
  const said = found['passfile-open'](path, access?.mode ?? 0)
  const steps = await ownAlone(host, target, path, access?.uid ?? null)
  return finding(said, closed(target, path, steps), {evidence})
}

/** libpq asks for a file that nobody but its owner may touch, so that the service must own it. */
async function denied(
  host: Host,
  target: Target,
  {path, access}: Passfile,
  evidence: readonly string[],
): Promise<Verdict<Code>> {
  const user = target.user ?? 'root'
  const steps = access ? await ownAlone(host, target, path, access.uid) : [seeWhose(path)]
  const said = found['passfile-denied'](user, path, access?.mode ?? null)
  const summary = `Let ${user} read the file, and nobody else`
  const installer = target.platform.secretsInstaller
  const cure =
    installer && isInstalled(target, path)
      ? mend(summary, installer.mend(path, 'owner'))
      : remedy(`${summary}, then restart the service`, 'manual', [...steps, restart(target)])
  return finding(said, cure, {evidence})
}

/**
 * The file lies where the service may write, so that a link can take its place at any time: chown
 * follows none, and chmod is the owner's own. Where it is one already, a human has to see whose.
 */
async function ownAlone(
  host: Host,
  target: Target,
  path: string,
  owner: number | null,
): Promise<readonly Step[]> {
  const seen = await ifTold(host.stat(path))
  if (seen && (seen.type !== 'file' || seen.nlink > 1)) return [seeWhose(path)]
  const opener = await ifSeen(unitOpener(host, target.served))
  if (!opener) return [seeWhose(path)]
  const chown = opener.uid === owner ? [] : [run('chown', '-h', opener.name, path)]
  const chmod = asOwner(opener.uid, opener, ['chmod', '0600', path])
  return [...chown, byHand('sudo', ...chmod)]
}

/** For a human: every link and directory on the way, and whose each is. */
function seeWhose(path: string): Step {
  return byHand('sudo', 'namei', '-l', path)
}

/** systemd and the store say themselves who may read what they put in place. */
function closed(target: Target, path: string, steps: readonly Step[]): Remedy {
  const {platform, unit} = target
  const isFixed = /^\/(?:run\/credentials|nix\/store)\//.test(path)
  if (isFixed)
    return mend(
      'Name a file in PGPASSFILE that only the service may read',
      platform.unitChange(unit.name),
    )
  return isInstalled(target, path)
    ? mend('Close the file to others', platform.closeSecretsFile(path, path))
    : remedy('Close the file to everybody else, then restart the service', 'manual', [
        ...steps,
        restart(target),
      ])
}

function edited(target: Target, path: string) {
  return isInstalled(target, path)
    ? target.platform.secretsFile(target, path)
    : inSettings(target, path)
}

function written(target: Target, path: string): Remedy {
  if (isInstalled(target, path))
    return mend(
      'Install the password file, or name the right one',
      target.platform.secretsFile(target, path),
    )
  const user = target.user ?? 'root'
  return remedy('Write the password file, or name the right one', 'manual', [
    byHand('ls', '-ld', path),
    run('install', '-T', '-m', '0600', '-o', user, '/dev/null', path),
    edit(path),
    restart(target),
  ])
}

function uncovered({platform, unit}: Target): Remedy {
  return mend(
    'Keep the password file where the service sees it, and name it in PGPASSFILE',
    platform.unitChange(unit.name),
  )
}
