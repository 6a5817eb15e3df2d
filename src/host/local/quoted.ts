const controls: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/**
 * A name as find(1) writes it in what it complains of, and ls(1) with `--quoting-style=escape`, in
 * the locale C: `\303\251` for é, `\n` for a line break, `\'` for a quote, `\\` for itself.
 * @returns bytes, read as latin1.
 */
export function unquoted(name: string): string {
  return name.replace(/\\(?:([0-7]{3})|(.))/g, (_, digits?: string, letter = '') =>
    digits ? String.fromCharCode(Number.parseInt(digits, 8) & 0xff) : (controls[letter] ?? letter),
  )
}
