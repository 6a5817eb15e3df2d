import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `Browsers keep a hashed file for ten years. One that is cut off or was edited in place stays
broken for every visitor who saw it. Nearly every browser gets the compressed copy, so the world
sees an outdated copy although the original is right.`,
  asks: `Every file below STATIC_ROOT is read, at most 1 GiB in all, and hashed as Django does it
(the first twelve digits of MD5). A file that an earlier run read within a day, and that has not been
changed since, is not read again unless --no-cache is given. A hashed file that the manifest names
must have the hash in its name. Each .gz and .br must decode to the file beside it.`,
  findings: {
    altered: {
      means: `Hashed files are not what they were when they were written: the disk was full, a copy
was cut short, or somebody edited them in place.`,
      remedy: `Move them aside, since collectstatic does not write a hashed file that is there
already. Then collect, restart, and purge the caches in front of the site.`,
    },
    'stale-copy': {
      means: `Compressed copies do not decode, or decode to something other than the file beside
them.`,
      remedy: 'Move them aside, then collect and restart.',
    },
  },
  mistakenFor: `Hashed files of earlier versions may be anything: only those of the manifest are
judged. A missing .gz or .br is fine, since a file that does not become smaller is not kept. In a
project whose storage hashes in another way every hash is wrong: that is passed over.`,
} satisfies Explanation
