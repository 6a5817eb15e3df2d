/**
 * The D-Bus object of a unit. Of its name all but letters and digits stand as _xx, a digit in front
 * too (sd_bus_path_encode).
 */
export function unitPath(name: string): string {
  const label = [...Buffer.from(name)].map((byte, at) => {
    const character = String.fromCharCode(byte)
    const isPlain = /[A-Za-z]/.test(character) || (at > 0 && /\d/.test(character))
    return isPlain ? character : `_${byte.toString(16).padStart(2, '0')}`
  })
  return `/org/freedesktop/systemd1/unit/${label.join('')}`
}
