import {octal} from '../../facts/files/access.ts'
import type {Refusal} from '../../facts/refusals/refusal.ts'
import {type CodeOf, cause, findingsOf} from '../../report/finding.ts'
import {explanation} from './access.explanation.ts'

/** "prism may not read /srv/keys/key.pem" */
function denied({who, need, at, named}: Refusal): string {
  const verb = need === 'pass' ? (at.type === 'directory' ? 'pass' : 'execute') : need
  const on = need === 'write' && at.type === 'directory' ? 'make anything in' : verb
  const goal = named.path === at.path ? '' : `, which ${named.path} needs`
  return `${who.name} may not ${on} ${at.path}${goal}`
}

function belongs({owner, group, at: {mode}}: Refusal): string {
  return `it belongs to ${owner}:${group}, mode ${octal(mode)}`
}

/**
 * The kernel was asked: that counts more than what a program made of the refusal ("No module named
 * …", "does not exist", "invalid PEM").
 */
const ofStart = {
  explains: ['service/active', 'service/journal', 'http/app', 'app/settings'],
} as const

export const found = findingsOf(explanation, {
  refused: cause(
    'critical',
    (refusal: Refusal) => `${denied(refusal)}: ${belongs(refusal)}`,
    ofStart,
  ),
  group: cause(
    'critical',
    (refusal: Refusal) =>
      `${denied(refusal)}: ${belongs(refusal)}, and the service is not in the group ${refusal.group}`,
    ofStart,
  ),
  acl: cause(
    'critical',
    (refusal: Refusal) =>
      `${denied(refusal)}: ${
        refusal.why.kind === 'mask'
          ? 'its access control list admits the service, and the mask of the list takes that away'
          : 'its access control list denies it to the service'
      } (${refusal.owner}:${refusal.group}, mode ${octal(refusal.at.mode)})`,
    ofStart,
  ),
  'read-only': cause(
    'critical',
    (refusal: Refusal, point: string) =>
      `${denied(refusal)}: it lies on ${point}, which is mounted read-only`,
    ofStart,
  ),
  'no-exec': cause(
    'critical',
    (refusal: Refusal, point: string) =>
      `${denied(refusal)}: it lies on ${point}, which is mounted with noexec`,
    ofStart,
  ),
  immutable: cause(
    'critical',
    (refusal: Refusal) => `${denied(refusal)}: it may not be changed by anybody (chattr)`,
    ofStart,
  ),
  security: cause(
    'critical',
    (refusal: Refusal, label: string | null) =>
      `${denied(refusal)}: ${belongs(refusal)}, which lets the service in, and the kernel refuses ` +
      `all the same${label && label !== 'unconfined' ? ` (the process is ${label})` : ''}`,
    ofStart,
  ),
  'older-groups': cause(
    'critical',
    (unit: string, path: string, groups: readonly string[]) =>
      `the running process of ${unit} is not in ${groups.join(', ')}, and so may not open ${path}; ` +
      'a new one is, and may',
    ofStart,
  ),
})

export type Code = CodeOf<typeof found>
