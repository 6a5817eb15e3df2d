import {resolvePath} from '../../facts/files/paths.ts'
import {installFailure} from '../../facts/journal/sops-journal.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {finding, type Remedy, type Step, type Verdict} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found} from './file.findings.ts'

/** No file matches a pattern. */
export function unmatched(target: Target, pattern: string, directory: string): Verdict<Code> {
  return finding(
    found.missing(pattern),
    notInstalled(target, pattern, byHand('ls', '-l', directory)),
  )
}

/**
 * Where an installer puts secrets in place, all of them are missing, and its journal may say why.
 */
export async function missingFile(
  host: Host,
  target: Target,
  path: string,
): Promise<Verdict<Code>> {
  const {missing} = await resolvePath(host, path)
  const evidence = missing && missing !== path ? [`${missing} does not exist`] : []
  const installer = target.platform.secretsInstaller
  if (!installer || !path.startsWith(`${installer.directory}/`)) {
    return finding(found.missing(path), notInstalled(target, path, byHand('ls', '-l', path)), {
      evidence,
    })
  }
  const {directory, name, journal} = installer
  const [secrets, failure] = await Promise.all([host.stat(directory), installFailure(host)])
  if (failure) {
    const cure = mend(
      'Find out why the secret was not installed',
      installer.mend(path, failure.cause),
      {
        after: [restart(target)],
      },
    )
    return finding(found.missing(path, `: ${failure.words}`), cure, {
      evidence: [failure.line, ...evidence],
    })
  }
  const why = !secrets
    ? `: ${name} has installed no secrets since boot`
    : secrets.type === 'directory'
      ? ': it is not among the installed secrets'
      : ''
  const link = secrets?.link === undefined ? [] : [`${directory} is a link to ${secrets.link}`]
  return finding(found.missing(path, why), notInstalled(target, path, journal), {
    evidence: [...link, ...evidence],
  })
}

function notInstalled(target: Target, path: string, look: Step): Remedy {
  const {platform} = target
  const summary = platform.secretsInstaller
    ? 'Find out why the secret was not installed'
    : 'Write the file, or name the right one in the unit'
  return mend(summary, platform.secretsFile(target, path), {
    first: [look],
    after: [restart(target)],
  })
}
