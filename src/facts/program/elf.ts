import type {Host, Stat} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'

/** e_machine of elf(5), as uname(1) calls it. */
const machines: Readonly<Record<number, string>> = {
  3: 'i686',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
}

/** Bytes: the header, the program headers, and the name of the loader behind them. */
const most = 4096

/**
 * Why execve(2) refuses a program that is no script, where it was seen to: of another machine, or
 * with a loader that is not here, of which it says "No such file or directory". Null where neither
 * is so, or nobody can tell.
 */
export async function whyNotLoaded(
  host: Host,
  path: string,
  find: (path: string) => Promise<Stat | null>,
): Promise<string | null> {
  const [bytes, own] = await Promise.all([
    bytesOf(host, path),
    // od(1) itself is a program that runs here.
    bytesOf(host, '/proc/self/exe'),
  ])
  if (bytes === null || own === null || machineOf(own) === null) return null
  if (bytes.length === 0) return 'is empty'
  if (bytes.subarray(0, 2).toString('latin1') === '#!') return null
  const machine = machineOf(bytes)
  if (machine === null) return 'is neither a program of Linux (ELF) nor a script'
  const here = machineOf(own)
  // An x86_64 may run what is of an i686.
  if (machine !== here && !(machine === 3 && here === 62))
    return `is a program for ${nameOf(machine)}, and this machine is ${nameOf(here ?? 0)}`
  const loader = loaderOf(bytes)
  return loader !== null && (await find(loader)) === null
    ? `is loaded by ${loader}, which does not exist`
    : null
}

function nameOf(machine: number): string {
  return machines[machine] ?? `machine ${machine} of ELF`
}

async function bytesOf(host: Host, path: string): Promise<Buffer | null> {
  const answer = await ifSeen(
    host.exec(['od', '-An', '-v', '-tx1', `-N${most}`, '--', path], {
      question: `first bytes of ${path}`,
    }),
  )
  return answer?.exitCode === 0 ? Buffer.from(answer.stdout.replace(/\s+/g, ''), 'hex') : null
}

function machineOf(bytes: Buffer): number | null {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f45_4c46) return null
  return bytes[5] === 2 ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18)
}

/** PT_INTERP, of a program of 64 bits. */
function loaderOf(bytes: Buffer): string | null {
  if (bytes[4] !== 2 || bytes[5] !== 1) return null
  const [start, size, count] = [
    Number(bytes.readBigUInt64LE(32)),
    bytes.readUInt16LE(54),
    bytes.readUInt16LE(56),
  ]
  for (let index = 0; index < count; index += 1) {
    const at = start + index * size
    if (size < 56 || at + size > bytes.length) return null
    if (bytes.readUInt32LE(at) !== 3) continue
    const from = Number(bytes.readBigUInt64LE(at + 8))
    const length = Number(bytes.readBigUInt64LE(at + 32))
    const name = bytes
      .subarray(from, from + length)
      .toString('latin1')
      .replace(/\0.*$/s, '')
    return from + length <= bytes.length && name.startsWith('/') ? name : null
  }
  return null
}
