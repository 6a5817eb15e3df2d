import {posix} from 'node:path'
import {blockedAt, octal} from '../../facts/files/access.ts'
import {resolvePath} from '../../facts/files/paths.ts'
import {installFailure} from '../../facts/journal/sops-journal.ts'
import type {Target} from '../../facts/target/target.ts'
import {isPattern} from '../../facts/unit/environment-files.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import {writtenSetting} from '../../facts/unit/unit-file.ts'
import {type EnvironmentProblem, parseEnvironmentFile} from '../../host/environment-file.ts'
import {CannotLook, type FileAnswer, type Host} from '../../host/host.ts'
import type {EnvironmentFileSetting} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {critical, ok, type Remedy, type Step, type Verdict, warning} from '../../report/finding.ts'
import {hand, run} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'

export const secretsFile: Check = {
  id: 'secrets/file',
  title: 'Every secrets file is there, closed to others, and reads as it was meant',
  explanation: {
    why: `systemd reads each EnvironmentFile= before it starts anything: what it cannot read stops the unit, while systemctl
speaks of "unavailable resources". Other faults are silent: a variable is lost, and the unit starts without it.`,
    asks: `Each EnvironmentFile= is read with systemd's own grammar, and its path followed link by link. The files of
LoadCredential= must be there, too, and what the settings read themselves must be open to the user of the service. For a missing file below /run/secrets on NixOS the journal of sops-install-secrets is asked, of which only root's lines count. No
value is ever shown. A pattern is expanded as systemd does; one for directories is not looked at, and the check then says so (unknown).`,
    findings: {
      missing: {
        means: `A file that the unit needs is not there: the unit ends with Result=resources, or with 243/CREDENTIALS. sops-nix
installs all secrets or none: where its journal says why it failed, that is told.`,
        remedy: 'Write the file, or correct what sops-nix complains of, and restart the service.',
      },
      directory: {
        means: 'The path is a directory, and systemd starts nothing.',
        remedy: 'Correct the secret at its source, and restart the service.',
      },
      'not-a-file': {
        means: 'The path is a socket, a device or a FIFO.',
        remedy: 'Correct the secret at its source, and restart the service.',
      },
      'too-large': {
        means: 'The file is larger than any environment file, so it is not read further: it must be another file.',
        remedy: 'Correct the secret at its source, and restart the service.',
      },
      'unsafe-link': {
        means: 'The path leads through a link that others than root can change, and with it what the service gets.',
        remedy: 'Let the path lead only through what root owns, and restart the service.',
      },
      'not-utf8': {
        means: 'The file is not UTF-8: systemd refuses all of it and starts nothing.',
        remedy: 'Correct the secret at its source, and restart the service.',
      },
      export: {
        means: 'systemd ignores a line that begins with "export", so the variable is not set.',
        remedy: 'Take the word out of the secret, and restart the service.',
      },
      'byte-order-mark': {
        means: 'A byte order mark stands before the first name, so the variable is not set.',
        remedy: 'Save the secret without it, and restart the service.',
      },
      'unterminated-quote': {
        means: 'A quote is never closed: the lines that follow become part of the value, and their variables are lost.',
        remedy: 'Close the quote in the secret, and restart the service.',
      },
      'bad-name': {
        means: 'A name that systemd does not take, with a hyphen or a leading digit: the line is ignored.',
        remedy: 'Correct the name in the secret, and restart the service.',
      },
      'no-equals-sign': {
        means: 'A line without "=" is ignored, without a word in the journal.',
        remedy: 'Correct or remove the line in the secret, and restart the service.',
      },
      denied: {
        means: 'A file that the settings read themselves, as a .env file, is closed to the user of the service.',
        remedy: 'Give the file to the group of the service and let that read it (chgrp, chmod g+r), then restart.',
      },
      exposed: {
        means: 'Everybody on the machine can read the file.',
        remedy: 'Take the permission away (chmod o-rwx); where sops-nix installs it, set its mode to 0400.',
      },
    },
    mistakenFor: `A file of root's with mode 0400 is right: systemd reads it, not the service. A file with a "-" before its path
may be missing; what then lacks is for secrets/keys to say. Windows line ends do systemd no harm, although a
shell that reads the same file stumbles over them. "unavailable resources" is not about memory.`,
  },
  needs: [serviceUnit],
  async run({host, target}) {
    const files = target.secretsFiles
    const credentials = target.unit.get('LoadCredential') === '' ? [] : await credentialFiles(host, target)
    const verdicts = await Promise.all([
      ...files.map(file => judgeFile(host, target, file)),
      ...credentials.map(path => judgeCredential(host, target, path)),
      ...deniedFiles(target).map(path => judgeDenied(host, target, path)),
    ])
    const bad = verdicts.flat()
    if (bad.length > 0) return bad
    const names = files.map(({path}) => path)
    return ok(names.length > 0 ? `systemd can read ${names.join(', ')}` : 'the unit has no secrets file')
  },
}

/** Files without which systemd starts nothing; one for which the unit has a value of its own may be missing. */
async function credentialFiles(host: Host, {unit}: Target): Promise<readonly string[]> {
  const [loaded, set] = await Promise.all(
    ['LoadCredential', 'SetCredential'].map(key => writtenSetting(host, unit, key)),
  )
  const given = (set ?? []).map(value => value.split(':')[0])
  return (loaded ?? []).flatMap(value => {
    const [name, ...rest] = value.split(':')
    const path = rest.join(':')
    return path.startsWith('/') && !path.includes('%') && !given.includes(name) ? [path] : []
  })
}

async function judgeFile(host: Host, target: Target, file: EnvironmentFileSetting): Promise<readonly Verdict[]> {
  if (isPattern(file.path)) return noneMatches(host, target, file)
  const answer = await host.readFile(file.path, {holds: 'assignments'})
  if (answer.kind === 'missing' || answer.kind === 'dangling') {
    // A "-" makes a missing file legal; what then lacks is for secrets/keys to say.
    return file.optional ? [] : [await missingFile(host, target, file.path)]
  }
  if (answer.kind !== 'file') return [unusable(target, file.path, answer)]
  if (!answer.utf8) {
    return [
      critical(
        'not-utf8',
        `${file.path} is not UTF-8: systemd refuses the whole file and starts nothing`,
        corrected(target, file.path),
        {
          evidence: ['Failed to load environment files: Invalid argument'],
        },
      ),
    ]
  }
  const problems = parseEnvironmentFile(answer.text).problems.map(problem => problemVerdict(target, file.path, problem))
  const exposed = await exposedFile(host, target, file.path)
  return [...problems, ...(exposed ? [exposed] : [])]
}

/** A pattern that was left as it is: nothing matches it, or nobody could look. */
async function noneMatches(
  host: Host,
  target: Target,
  {path, optional}: EnvironmentFileSetting,
): Promise<readonly Verdict[]> {
  const directory = path.slice(0, path.lastIndexOf('/'))
  if (isPattern(directory))
    throw new CannotLook(`EnvironmentFile=${path} is a pattern for directories, which is not looked at`)
  await host.list(directory)
  if (optional) return []
  const message = `no file matches EnvironmentFile=${path}`
  return [critical('missing', message, notInstalled(target, path, hand(`ls -l ${directory}`)))]
}

async function judgeCredential(host: Host, target: Target, path: string): Promise<readonly Verdict[]> {
  const {missing} = await resolvePath(host, path)
  return missing ? [await missingFile(host, target, path)] : []
}

/** As many as ask.py tells of; an answer that another wrote in its place may tell of more. */
const maxDenied = 20

/**
 * Files that the settings open themselves, as the unit's user, and that are closed to it: of .env files libraries say
 * nothing, and go on as if there were none. Another one counts where the settings fail at it, as does one that systemd
 * has read for the unit already.
 */
function deniedFiles({django: {answer}, secretsFiles}: Target): readonly string[] {
  const failed = (answer?.failures ?? []).flatMap(({chain}) => chain.map(({filename}) => filename))
  const isRead = (path: string): boolean => secretsFiles.some(file => file.path === path && file.variables !== null)
  return (answer?.denied ?? [])
    .slice(0, maxDenied)
    .filter(path => failed.includes(path) || (/(?:^|[._-])env[^/]*$/i.test(posix.basename(path)) && !isRead(path)))
}

async function judgeDenied(host: Host, target: Target, path: string): Promise<readonly Verdict[]> {
  const [{components, stat}, opener] = await Promise.all([resolvePath(host, path), unitOpener(host, target.served)])
  const wall = opener && (blockedAt(opener, components) ?? (stat && {path, stat}))
  const user = opener?.name ?? 'the service'
  const group = target.group ?? opener?.name ?? 'the service'
  const mode = wall ? ` (${wall.path === path ? '' : `${wall.path} has `}mode ${octal(wall.stat.mode)})` : ''
  const steps = wall
    ? [
        hand(`ls -ld ${wall.path}`),
        run('chgrp', group, wall.path),
        run('chmod', wall.stat.type === 'directory' ? 'g+x' : 'g+r', wall.path),
      ]
    : [hand(`namei -l ${path}`)]
  return [
    critical(
      'denied',
      `${user} may not read ${path}, which the settings read${mode}`,
      remedy(`Let ${user} read the file, then restart the service`, 'manual', [...steps, restart(target)]),
      {evidence: stat ? [`${octal(stat.mode)} ${stat.uid}:${stat.gid} ${path}`] : []},
    ),
  ]
}

/** What an installer puts in place is missing with all else of it, and its journal may say why. */
async function missingFile(host: Host, target: Target, path: string): Promise<Verdict> {
  const {missing} = await resolvePath(host, path)
  const evidence = missing && missing !== path ? [`${missing} does not exist`] : []
  const installer = target.platform.secretsInstaller
  if (!installer || !path.startsWith(`${installer.directory}/`)) {
    return critical('missing', `${path} does not exist`, notInstalled(target, path, hand(`ls -l ${path}`)), {evidence})
  }
  const {directory, name, journal} = installer
  const [secrets, failure] = await Promise.all([host.stat(directory), installFailure(host)])
  if (failure) {
    const cure = mend('Find out why the secret was not installed', installer.mend(path, failure.cause), {
      after: [restart(target)],
    })
    const details = {evidence: [failure.line, ...evidence]}
    return critical('missing', `${path} does not exist: ${failure.words}`, cure, details)
  }
  const why = !secrets
    ? `: ${name} installed no secrets since the boot`
    : secrets.type === 'directory'
      ? ': it is not among the installed secrets'
      : ''
  return critical('missing', `${path} does not exist${why}`, notInstalled(target, path, journal), {
    evidence: secrets?.link === undefined ? evidence : [`${directory} is a link to ${secrets.link}`, ...evidence],
  })
}

function notInstalled(target: Target, path: string, look: Step): Remedy {
  const {platform} = target
  const summary = platform.secretsInstaller
    ? 'Find out why the secret was not installed'
    : 'Write the file, or name the right one in the unit'
  return mend(summary, platform.secretsFile(target, path), {first: [look], after: [restart(target)]})
}

function unusable(
  target: Target,
  path: string,
  answer: Exclude<FileAnswer, {kind: 'file' | 'missing' | 'dangling'}>,
): Verdict {
  switch (answer.kind) {
    case 'directory':
      return critical('directory', `${path} is a directory, not a file`, corrected(target, path))
    case 'too-large':
      return critical(
        'too-large',
        `${path} has ${answer.size} bytes; no environment file is that large`,
        corrected(target, path),
      )
    case 'unsafe-link':
      return critical(
        'unsafe-link',
        `${path} leads through a link that others than root can change`,
        corrected(target, path),
      )
    default:
      return critical('not-a-file', `${path} is not a regular file`, corrected(target, path))
  }
}

function corrected(target: Target, path: string): Remedy {
  const {platform} = target
  const summary = platform.secretsInstaller ? 'Correct the secret at its source' : 'Correct the file'
  return mend(summary, platform.secretsFile(target, path), {
    first: [hand(`ls -l ${path}`)],
    after: [restart(target)],
  })
}

function problemVerdict(target: Target, path: string, {line, kind, name}: EnvironmentProblem): Verdict {
  const where = `${path}:${line}`
  const fix = corrected(target, path)
  switch (kind) {
    case 'export':
      return critical('export', `${where}: systemd ignores "export ${name}=…", so ${name} is not set`, fix)
    case 'byte-order-mark':
      return critical(
        'byte-order-mark',
        `${where}: a byte order mark stands before ${name}, so ${name} is not set`,
        fix,
      )
    case 'unterminated-quote':
      return critical(
        'unterminated-quote',
        `${where}: the quote of ${name} is never closed and swallows the lines that follow`,
        fix,
      )
    case 'bad-name':
      return warning('bad-name', `${where}: a name that systemd does not take, so the line is ignored`, fix)
    case 'no-equals-sign':
      return warning('no-equals-sign', `${where}: a line without "=", which systemd ignores`, fix)
  }
}

async function exposedFile(host: Host, target: Target, path: string): Promise<Verdict | null> {
  const {stat, path: real, components} = await resolvePath(host, path)
  if (!stat || !real || (stat.mode & 0o004) === 0) return null
  // A directory on the way that others cannot pass protects the file as well.
  const passable = components.every(
    component => component.stat.type !== 'directory' || (component.stat.mode & 0o001) !== 0,
  )
  if (!passable) return null
  return warning(
    'exposed',
    `${path} can be read by everybody (mode ${octal(stat.mode)})`,
    exposedRemedy(target, path, real),
    {
      evidence: [`${octal(stat.mode)} ${real}`],
    },
  )
}

function exposedRemedy({platform}: Target, path: string, real: string): Remedy {
  return mend('Close the file to others', platform.closeSecretsFile(path, real))
}
