import {CannotLook, type DigestAnswer, type Host} from '../../host/host.ts'

/** @throws CannotLook where a file below the directory was not read: it may be any. */
export function assertAllRead(
  host: Host,
  directory: string,
  {files, complete}: DigestAnswer,
): void {
  if (!complete)
    throw new CannotLook(`below ${directory} there is more to read than was read in this run`)
  const unread = Object.keys(files).find(name => files[name]?.md5 === null)
  if (unread === undefined) return
  throw new CannotLook(`${directory}/${unread} could not be read`, {privilege: host.uid !== 0})
}
