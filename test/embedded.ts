import {spawnSync} from 'node:child_process'
import {basename} from 'node:path'

/**
 * A program that npm brought, where it runs, or else the one of that name in PATH. What is linked
 * for most distributions does not start on NixOS, where shell.nix puts its own into PATH.
 */
export function runnable(embedded: string): string {
  return spawnSync(embedded, ['--version']).status === 0 ? embedded : basename(embedded)
}
