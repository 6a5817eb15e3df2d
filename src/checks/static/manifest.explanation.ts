import type {Explanation} from '../../report/finding.ts'

const moveAside = 'Move it aside, collect anew and restart.'

const collect = `Restart the service if it collects before it starts. Otherwise collect as its user,
in its environment, then restart.`

export const explanation = {
  why: `staticfiles.json maps each static file to its hashed name. Django reads it when it makes the
storage. A broken one therefore stops the application, and collectstatic as well, even with
--clear.`,
  asks: `The file is parsed as Django does it, and its version compared with those that the
package's Django knows. Every name in it must be a regular file below STATIC_ROOT. If the storage is
one of Django's or WhiteNoise's, it must also name every static file of the package.`,
  findings: {
    empty: {
      means: `It is empty: the disk was full, or collectstatic was killed between removing and
writing it.`,
      remedy: moveAside,
    },
    'cut-off': {
      means: `Its JSON ends in the middle: the disk was full, or collectstatic was killed while it
was writing.`,
      remedy: moveAside,
    },
    'not-json': {
      means: 'It contains something other than JSON.',
      remedy: moveAside,
    },
    'other-json': {
      means: 'It is JSON of another shape: a list, no version, or no names.',
      remedy: moveAside,
    },
    'not-utf8': {
      means: 'It is not UTF-8 text.',
      remedy: moveAside,
    },
    'not-a-file': {
      means: 'A directory stands where the file should be.',
      remedy: moveAside,
    },
    'too-large': {
      means: 'It is larger than any manifest, and was not read.',
      remedy: moveAside,
    },
    version: {
      means: `The package's Django does not know its version. After a rollback from Django 4.2 or
later an older one finds 1.1, and knows only 1.0.`,
      remedy: moveAside,
    },
    outside: {
      means: 'It names a file outside STATIC_ROOT, which collectstatic never writes.',
      remedy: moveAside,
    },
    'entries-missing': {
      means: `It does not name some of the package's files, as after an edit, a merge by hand or a
collectstatic that ran with other settings. Every page that names one of them answers 500.`,
      remedy: collect,
    },
    'files-gone': {
      means: 'Files that it names are gone: visitors get an error for each.',
      remedy: collect,
    },
  },
  mistakenFor: `The version in Django's error message is Django's own, not that of the file. Files
that the manifest does not name are normal, and a storage that keeps no manifest is passed over. A
page may look right although a file is gone, since visitors who accept compression still get the
.gz.`,
} satisfies Explanation
