/**
 * The last version of Python that had a module, by the module ("What's New In Python" 3.10 to
 * 3.14, "Removed"; PEP 594, PEP 632).
 */
const lastWith: Readonly<Record<string, string>> = {
  formatter: '3.9',
  parser: '3.9',
  symbol: '3.9',
  binhex: '3.10',
  asynchat: '3.11',
  asyncore: '3.11',
  distutils: '3.11',
  imp: '3.11',
  smtpd: '3.11',
  aifc: '3.12',
  audioop: '3.12',
  cgi: '3.12',
  cgitb: '3.12',
  chunk: '3.12',
  crypt: '3.12',
  imghdr: '3.12',
  lib2to3: '3.12',
  mailcap: '3.12',
  nis: '3.12',
  nntplib: '3.12',
  ossaudiodev: '3.12',
  pipes: '3.12',
  sndhdr: '3.12',
  spwd: '3.12',
  sunau: '3.12',
  telnetlib: '3.12',
  uu: '3.12',
  xdrlib: '3.12',
}

/**
 * Until which version Python itself brought a module that this version ("3.13.5") does not; null
 * where it never did, or still does.
 */
export function removedFrom(module: string, python: string): string | null {
  const [name = ''] = module.split('.')
  const last = Object.hasOwn(lastWith, name) ? lastWith[name] : undefined
  if (last === undefined) return null
  const minor = (version: string): number => Number(version.split('.')[1])
  return python.startsWith('3.') && minor(python) > minor(last) ? last : null
}
