import {octal} from '../../facts/files/access.ts'
import type {Exposed} from '../../facts/files/exposed.ts'
import type {Target} from '../../facts/target/target.ts'
import {isPattern} from '../../facts/unit/environment-files.ts'
import type {EnvironmentProblem} from '../../host/environment-file.ts'
import type {FileAnswer} from '../../host/host.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  type Remedy,
  type Verdict,
} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {explanation} from './file.explanation.ts'

export const found = findingsOf(explanation, {
  missing: cause('critical', (path: string, why = '') =>
    isPattern(path) ? `no file matches EnvironmentFile=${path}` : `${path} does not exist${why}`,
  ),
  directory: cause('critical', (path: string) => `${path} is a directory, not a file`),
  'not-a-file': cause('critical', (path: string) => `${path} is not a regular file`),
  'too-large': cause(
    'critical',
    (path: string, bytes: number) =>
      `${path} has ${bytes} bytes; no environment file is that large`,
  ),
  'unsafe-link': cause(
    'critical',
    (path: string) => `${path} goes through a link that users other than root can change`,
  ),
  'not-utf8': cause(
    'critical',
    (path: string) => `${path} is not UTF-8: systemd refuses the whole file and starts nothing`,
  ),
  export: cause(
    'critical',
    (where: string, name: string) =>
      `${where}: systemd ignores "export ${name}=…", so ${name} is not set`,
  ),
  'byte-order-mark': cause(
    'critical',
    (where: string, name: string) =>
      `${where}: a byte order mark comes before ${name}, so ${name} is not set`,
  ),
  'unterminated-quote': cause(
    'critical',
    (where: string, name: string) =>
      `${where}: the quote of ${name} is never closed and swallows the lines that follow`,
  ),
  // No name and no line is shown: it may be nothing but a secret.
  'bad-name': cause(
    'warning',
    (where: string, _: string) =>
      `${where}: systemd does not accept the name here and ignores the line`,
  ),
  'no-equals-sign': cause(
    'warning',
    (where: string, _: string) => `${where}: systemd ignores a line without "="`,
  ),
  denied: cause(
    'critical',
    (user: string, path: string, mode: string) =>
      `${user} may not read ${path}, which the settings read${mode}`,
  ),
  exposed: cause(
    'warning',
    (path: string, mode: number) => `everybody can read ${path} (mode ${octal(mode)})`,
  ),
})

export type Code = CodeOf<typeof found>

/** What is neither a text nor missing. */
export function unusable(
  target: Target,
  path: string,
  answer: Exclude<FileAnswer, {kind: 'file' | 'missing' | 'dangling'}>,
): Verdict<Code> {
  const fix = corrected(target, path)
  switch (answer.kind) {
    case 'directory':
      return finding(found.directory(path), fix)
    case 'too-large':
      return finding(found['too-large'](path, answer.size), fix)
    case 'unsafe-link':
      return finding(found['unsafe-link'](path), fix)
    default:
      return finding(found['not-a-file'](path), fix)
  }
}

export function notUtf8(target: Target, path: string): Verdict<Code> {
  const evidence = ['Failed to load environment files: Invalid argument']
  return finding(found['not-utf8'](path), corrected(target, path), {evidence})
}

/** A line that systemd does not read as it was meant. */
export function misread(
  target: Target,
  path: string,
  {line, kind, name}: EnvironmentProblem,
): Verdict<Code> {
  return finding(found[kind](`${path}:${line}`, name), corrected(target, path))
}

function corrected(target: Target, path: string): Remedy {
  const {platform} = target
  const summary = platform.secretsInstaller
    ? 'Correct the secret at its source'
    : 'Correct the file'
  return mend(summary, platform.secretsFile(target, path), {
    first: [byHand('ls', '-l', path)],
    after: [restart(target)],
  })
}

export function exposed({platform}: Target, path: string, {real, mode}: Exposed): Verdict<Code> {
  const cure = mend('Close the file to others', platform.closeSecretsFile(path, real))
  return finding(found.exposed(path, mode), cure, {evidence: [`${octal(mode)} ${real}`]})
}
