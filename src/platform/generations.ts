import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import type {Generations, PackageChange} from './platform.ts'

const profiles = '/nix/var/nix/profiles'

/** The systems that a NixOS machine has had, each a path in the store. */
export const nixGenerations: Generations = {
  async compare(host, old, now) {
    if (!isSystem(old) || !isSystem(now)) return []
    const argv = ['nix', '--extra-experimental-features', 'nix-command', 'store', 'diff-closures']
    const options = {question: `packages of ${old} and ${now}`, timeout: 5000}
    const answer = await ifSeen(host.exec([...argv, old, now], options))
    return answer?.exitCode === 0 ? parseClosures(answer.stdout) : []
  },
  async previous(host) {
    const current = (await ifSeen(host.stat(`${profiles}/system`)))?.link
    const names = (await ifSeen(host.list(profiles))) ?? []
    const number = numberOf(current)
    const before = names
      .map(numberOf)
      .filter(each => each !== null && number !== null && each < number)
      .reduce((last, each) => Math.max(last ?? 0, each ?? 0), null)
    if (before === null) return null
    return (await ifSeen(host.stat(`${profiles}/system-${before}-link`)))?.link ?? null
  },
  async unitDiffers(host, unit, old, now) {
    const [before, after] = await Promise.all([unitIn(host, old, unit), unitIn(host, now, unit)])
    return before !== null && after !== null && before !== after
  },
}

function isSystem(path: string): boolean {
  return /^\/nix\/store\/[0-9a-z]{32}-[\w.+?=-]+$/.test(path)
}

function numberOf(link: string | undefined): number | null {
  const [, number] = /(?:^|\/)system-(\d+)-link$/.exec(link ?? '') ?? []
  return number === undefined ? null : Number(number)
}

/** Where the unit lies in the store: its name there has a hash of what is in it. */
async function unitIn(host: Host, system: string, unit: string): Promise<string | null> {
  if (!isSystem(system)) return null
  return (await ifSeen(host.stat(`${system}/etc/systemd/system/${unit}`)))?.link ?? null
}

/**
 * What `nix store diff-closures` prints (nix3-store-diff-closures(1)): `NAME: OLD → NEW, SIZE`, with
 * ∅ for nothing and ε for a package without a version. What only has another size is built anew.
 */
export function parseClosures(text: string): readonly PackageChange[] {
  return text.split('\n').flatMap(line => {
    // It paints sizes, also in a pipe.
    const plain = line.replace(/\x1b\[[0-9;]*m/g, '').trim()
    const [, name, old, now] = /^(\S+): (.+?) → (.+?)(?:, [+-][\d.]+ \w+)?$/.exec(plain) ?? []
    if (name === undefined || old === undefined || now === undefined) return []
    return [{name, old: versionOf(old), new: versionOf(now)}]
  })
}

function versionOf(text: string): string | null {
  return text === '∅' ? null : text === 'ε' ? '' : text
}
