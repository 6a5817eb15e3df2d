import {expect, test} from 'vitest'
import manifest from '../../package.json' with {type: 'json'}
import {changelog, debianChangelog, releases} from '../../scripts/changelog.ts'

test('the newest version of CHANGELOG.md is that of package.json', () => {
  expect(changelog()[0]?.version).toBe(manifest.version)
})

const two = `# Changelog

## [0.2.0] - unreleased

### Added

- A point
  of two lines, with \`code\` in it.

### Fixed

- Another.

## [0.1.0] - 2026-01-02

- The first.
`

test('Debian is told the same, with a day for what has none yet', () => {
  const maintainer = 'Somebody <somebody@example.org>'
  const written = debianChangelog(releases(two), {
    maintainer,
    now: new Date('2026-02-03T04:05:06Z'),
  })
  expect(written).toBe(`prism-doctor (0.2.0) unstable; urgency=medium

  * A point of two lines, with code in it.
  * Another.

 -- Somebody <somebody@example.org>  Tue, 03 Feb 2026 04:05:06 +0000

prism-doctor (0.1.0) unstable; urgency=medium

  * The first.

 -- Somebody <somebody@example.org>  Fri, 02 Jan 2026 12:00:00 +0000
`)
})

test('a point is broken at 80 columns', () => {
  const long = two.replace('Another', 'word '.repeat(40).trim())
  const lines = debianChangelog(releases(long), {
    maintainer: 'S <s@s.org>',
    now: new Date(0),
  }).split('\n')
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
  expect(lines.filter(line => line.startsWith('    word'))).not.toEqual([])
})

test.each([
  ['## 0.2.0', 'is not "## [VERSION] - DAY"'],
  ['## [0.2.0] - soon', 'is not "## [VERSION] - DAY"'],
  ['## [0.2.0] - unreleased\n\nNothing.', 'says nothing of 0.2.0'],
])('%s is refused', (markdown, why) => {
  expect(() => releases(markdown)).toThrow(why)
})
