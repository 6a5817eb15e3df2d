/** True for the directory itself and everything below it. */
export function isBelow(path: string, directory: string): boolean {
  const prefix = directory === '/' ? '/' : `${directory.replace(/\/+$/, '')}/`
  return path === directory || path.startsWith(prefix)
}
