import {deniedFiles} from '../../facts/django/denied-files.ts'
import {findExposed} from '../../facts/files/exposed.ts'
import {resolvePath} from '../../facts/files/paths.ts'
import type {Target} from '../../facts/target/target.ts'
import {findCredentialFiles} from '../../facts/unit/credential-files.ts'
import {isPattern} from '../../facts/unit/environment-files.ts'
import {parseEnvironmentFile} from '../../host/environment-file.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import type {EnvironmentFileSetting} from '../../host/unit.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {deniedFile} from './file.denied.ts'
import {explanation} from './file.explanation.ts'
import {secretsFileFacts} from './file.facts.ts'
import {type Code, exposed, found, misread, notUtf8, unusable} from './file.findings.ts'
import {missingFile, unmatched} from './file.missing.ts'

export const secretsFile: CheckOf<Code> = {
  id: 'secrets/file',
  title: 'Every secrets file exists, is closed to others and reads as it was meant',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: secretsFileFacts,
  async run({host, target}) {
    const files = target.secretsFiles
    const credentials = await findCredentialFiles(host, target.unit)
    const verdicts = await Promise.all([
      ...files.map(file => judgeFile(host, target, file)),
      ...credentials.map(path => judgeCredential(host, target, path)),
      ...deniedFiles(target).map(path => deniedFile(host, target, path)),
    ])
    const bad = verdicts.flat()
    if (bad.length > 0) return bad
    const names = files.map(({path}) => path)
    return ok(
      names.length > 0 ? `systemd can read ${names.join(', ')}` : 'the unit has no secrets file',
    )
  },
}

type Said = Promise<readonly Verdict<Code>[]>

async function judgeFile(host: Host, target: Target, file: EnvironmentFileSetting): Said {
  const {path, optional} = file
  if (isPattern(path)) return judgePattern(host, target, file)
  const answer = await host.readFile(path, {holds: 'assignments'})
  if (answer.kind === 'missing' || answer.kind === 'dangling') {
    // A "-" makes a missing file legal; what is then not set is for secrets/keys to say.
    return optional ? [] : [await missingFile(host, target, path)]
  }
  if (answer.kind !== 'file') return [unusable(target, path, answer)]
  if (!answer.utf8) return [notUtf8(target, path)]
  const {problems} = parseEnvironmentFile(answer.text)
  const open = await findExposed(host, path)
  return [
    ...problems.map(problem => misread(target, path, problem)),
    ...(open ? [exposed(target, path, open)] : []),
  ]
}

/** A pattern that was left as it is: nothing matches it, or nobody could look. */
async function judgePattern(
  host: Host,
  target: Target,
  {path, optional}: EnvironmentFileSetting,
): Said {
  const directory = path.slice(0, path.lastIndexOf('/'))
  if (isPattern(directory))
    throw new CannotLook(
      `EnvironmentFile=${path} is a pattern for directories, which is not looked at`,
    )
  await host.list(directory)
  return optional ? [] : [unmatched(target, path, directory)]
}

async function judgeCredential(host: Host, target: Target, path: string): Said {
  const {missing} = await resolvePath(host, path)
  return missing ? [await missingFile(host, target, path)] : []
}
