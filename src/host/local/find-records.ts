import {CannotLook} from '../host.ts'

/** Bytes: thirty times what the system takes for a path (PATH_MAX). */
const maxRecord = 128 * 1024

/** One record: `bytes` from `from` on, up to `to`. */
export type OnRecord = (bytes: Buffer, from: number, to: number) => void

export interface Records {
  /** @throws CannotLook where one record is longer than any that is meant. */
  push(chunk: Buffer): void
  /** Whether the last record came to its end. */
  isWhole(): boolean
}

/**
 * Takes apart what find(1) prints, each record of it ended by NUL, without keeping it.
 * @param root Where it looks.
 */
export function createRecords(root: string, onRecord: OnRecord): Records {
  let begun: Buffer = Buffer.alloc(0)
  return {
    push(chunk) {
      const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk])
      let from = 0
      for (let to = bytes.indexOf(0, begun.length); to !== -1; to = bytes.indexOf(0, from)) {
        onRecord(bytes, from, to)
        from = to + 1
      }
      begun = from === bytes.length ? Buffer.alloc(0) : bytes.subarray(from)
      if (begun.length > maxRecord)
        throw new CannotLook(`a path below ${root} is longer than 128 KiB`)
    },
    isWhole: () => begun.length === 0,
  }
}
