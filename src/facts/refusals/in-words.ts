/** How programs say that the kernel refused them, whatever they are written in. */
const refusing =
  /permission denied|operation not permitted|read-only file ?system|access denied|\bE(?:ACCES|PERM|ROFS)\b|\[Errno (?:1|13|30)\]|(?:isn't|is not|not) (?:writ(?:e|)able|readable|executable|accessible)|cannot be accessed|not permitted/i

/** Whether something says that it was refused. */
export function saysRefused(text: string): boolean {
  return refusing.test(text)
}

/** As many are looked at. */
const most = 8

/**
 * The absolute paths that a text names, quoted or not, but for those of URLs. Of what stands before
 * a colon (`open /srv/x: permission denied`) the path alone.
 */
export function pathsIn(text: string): readonly string[] {
  const quoted = [...text.matchAll(/'(\/[^'\n]+)'|"(\/[^"\n]+)"|`(\/[^`\n]+)`/g)].flatMap(
    ([, ...found]) => found.filter(path => path !== undefined),
  )
  const plain = [...text.matchAll(/(?<![\w.:/@%&?=~*-]|:\/)\/[^\s'"`,;:()<>[\]{}|\\]+/g)].map(
    ([path]) => path.replace(/[.!?]+$/, ''),
  )
  // "key=/srv/x" and "unix:/run/x.sock" name one as well.
  const valued = [
    ...text.matchAll(/(?:=|\bunix:(?:\/\/)?|\bfile:(?:\/\/)?)(\/[^\s'"`,;:()<>[\]{}|\\]+)/g),
  ].flatMap(([, path = '']) => path)
  const paths = [...quoted, ...plain, ...valued].map(path => path.replace(/(.)\/+$/, '$1'))
  return [...new Set(paths)].filter(isPath).slice(0, most)
}

/** No route of a URL's: an existing path begins with a directory of the root. */
function isPath(path: string): boolean {
  return (
    path.length > 1 && path.length < 1024 && !/^\/(?:proc|sys)\//.test(path) && !path.includes('\0')
  )
}
