import type {Host} from '../../host/host.ts'
import type {InstallCause} from '../../platform/platform.ts'
import {findEntries} from './entries.ts'

/** Why sops-nix installed nothing: it installs all secrets or none. */
export interface InstallFailure {
  /** What was really said, for the evidence. */
  readonly line: string
  readonly words: string
  readonly cause: InstallCause
}

interface Known {
  readonly pattern: RegExp
  readonly cause: InstallCause
  readonly words: (match: RegExpExecArray) => string
}

/**
 * The words of sops-install-secrets (sops-nix, pkgs/sops-install-secrets/main.go) and of sops
 * itself.
 */
const known: readonly Known[] = [
  {
    pattern: /failed to decrypt '([^']+)': Error getting data key/,
    cause: 'no-key',
    words: ([, file]) => `no key of this machine decrypts ${file}`,
  },
  {
    pattern: /cannot read keyfile '([^']+)'|Cannot read ssh key '([^']+)'/,
    cause: 'no-key',
    words: ([, keyFile, sshKey]) =>
      `the key ${keyFile ?? sshKey}, with which sops-nix decrypts, cannot be read`,
  },
  {
    pattern: /failed to lookup (user|group) '([^']+)'/,
    cause: 'owner',
    words: ([, kind, name]) =>
      `a secret shall belong to the ${kind} ${name}, which does not exist, so sops-nix installed none`,
  },
  {
    pattern: /secret (\S+) in (\S+) is not valid: the key '([^']+)' cannot be found/,
    cause: 'key-missing',
    words: ([, , file, key]) => `${file} has no key '${key}', so sops-nix installed no secret`,
  },
  {
    pattern: /cannot access (\S+): readlink \S+: invalid argument/,
    cause: 'not-a-link',
    words: ([, path]) =>
      `${path} is no link but something of its own, so sops-nix installed nothing`,
  },
  {
    pattern: /^sops-install-secrets: (.+)$|^((?:.* )?(?:failed|cannot|Error)\b.*)$/,
    cause: 'other',
    words: ([, said, line]) => `sops-nix says "${said ?? line}"`,
  },
]

/**
 * Why the last try of sops-nix since the boot installed nothing; null where the journal does not
 * tell. Only what root or the boot's own script wrote counts.
 */
export async function installFailure(host: Host): Promise<InstallFailure | null> {
  const unit = 'sops-install-secrets.service'
  const said = (await findEntries(host, [{unit}, {identifier: 'stage-2-init'}], 200)) ?? []
  // What systemd says about the unit is no reason.
  const entries = said.filter(
    entry => (entry.uid === 0 || entry.kernel) && (entry.unit === unit || !entry.about),
  )
  // The boot's script has no invocation, nor has a process that was gone before journald looked at
  // it.
  const last = entries.findLast(({invocation}) => invocation !== undefined)?.invocation
  const from = entries.findIndex(({invocation}) => invocation === last)
  const ofLast = entries.filter(
    ({invocation}, at) => at >= from && (invocation === last || invocation === undefined),
  )
  const lines = ofLast.flatMap(({text}) => text.split('\n'))
  for (const {pattern, cause, words} of known) {
    for (const line of lines) {
      const match = pattern.exec(line)
      if (match) return {line, words: words(match), cause}
    }
  }
  return null
}
