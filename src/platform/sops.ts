import {byHand, hand} from '../report/step.ts'
import type {Means, SecretsInstaller} from './platform.ts'

/** Where sops-nix puts what it decrypts. */
const installed = '/run/secrets'

/** A change of the configuration of NixOS, or of what it is made of, and the rebuild after it. */
export type Configure = (nix: string | null, ...before: Means['steps']) => Means

export function isInstalled(path: string): boolean {
  return path.startsWith(`${installed}/`)
}

/** The option of a secret: `sops.secrets."prism-env"`. */
export function optionOf(path: string): string {
  return `sops.secrets."${path.slice(installed.length + 1)}"`
}

/** @param secrets The encrypted file, as an editor is given it. */
export function sops(configured: Configure, secrets: string): SecretsInstaller {
  const journal = hand('journalctl -b -g sops-install-secrets')
  return {
    directory: installed,
    name: 'sops',
    journal,
    mend(path, cause) {
      switch (cause) {
        case 'no-key':
          return {
            ...configured(null, byHand('sops', 'updatekeys', secrets)),
            summary: "Encrypt the secrets for this machine's key, then rebuild",
          }
        case 'owner':
          return {
            ...configured(`${optionOf(path)}.owner = "…";`, journal),
            summary: 'Correct the owner in the configuration, then rebuild',
          }
        case 'key-missing':
          return {
            ...configured(null, byHand('sops', secrets)),
            summary: 'Add the key to the secrets, then rebuild',
          }
        case 'not-a-link':
          return {
            ...configured(null, byHand('sudo', 'mv', installed, `${installed}.old`)),
            summary: 'Move what lies there away, then rebuild',
          }
        default:
          return configured(null, journal)
      }
    },
  }
}
