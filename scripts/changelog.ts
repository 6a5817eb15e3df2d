import {readFileSync} from 'node:fs'

/** A version, as CHANGELOG.md tells of it. */
interface Release {
  readonly version: string
  /** YYYY-MM-DD; null before it is released. */
  readonly day: string | null
  /** The points of all its parts, each without line breaks. */
  readonly points: readonly string[]
}

/**
 * The releases of CHANGELOG.md, the newest first.
 * @throws where it is not written as https://keepachangelog.com/en/1.1.0/ says.
 */
export function releases(markdown: string): readonly Release[] {
  const [, ...sections] = markdown.split(/^## /m)
  return sections.map(section => {
    const [heading = '', ...lines] = section.split('\n')
    const read = /^\[(\d+\.\d+\.\d+\S*)\] - (unreleased|\d{4}-\d\d-\d\d)$/.exec(heading)
    const [, version, day] = read ?? []
    if (version === undefined || day === undefined)
      throw new Error(`CHANGELOG.md: "## ${heading}" is not "## [VERSION] - DAY"`)
    const [, ...points] = lines.join('\n').split(/^- /m)
    if (points.length === 0) throw new Error(`CHANGELOG.md says nothing of ${version}`)
    return {
      version,
      day: day === 'unreleased' ? null : day,
      // The last point of a part is followed by the next part's heading.
      points: points.map(point => (point.split(/^#/m)[0] ?? '').trim().replace(/\s+/g, ' ')),
    }
  })
}

/** The releases of this checkout. */
export const changelog = (): readonly Release[] =>
  releases(readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8'))

/**
 * The same as debian/changelog (deb-changelog(5)).
 * @param now When it is built: the day of what is not released yet.
 */
export function debianChangelog(
  all: readonly Release[],
  {maintainer, now}: {readonly maintainer: string; readonly now: Date},
): string {
  const entries = all.map(({version, day, points}) => {
    const date = day === null ? now : new Date(`${day}T12:00:00Z`)
    const written = date.toUTCString().replace('GMT', '+0000')
    const head = `prism-doctor (${version}) unstable; urgency=medium`
    return `${head}\n\n${points.map(item).join('\n')}\n\n -- ${maintainer}  ${written}\n`
  })
  return entries.join('\n')
}

/** A point at 80 columns. */
function item(point: string): string {
  const lines = ['  *']
  for (const word of point.replaceAll('`', '').split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line.length + word.length < 80) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(`    ${word}`)
  }
  return lines.join('\n')
}
