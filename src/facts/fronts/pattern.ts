/** Whether a pattern of a configuration fits; false also where it is none of JavaScript's. */
export function patternFits(pattern: string, text: string, ignoresCase: boolean): boolean {
  try {
    return new RegExp(pattern, ignoresCase ? 'i' : '').test(text)
  } catch {
    // PCRE takes more than JavaScript does.
    return false
  }
}
