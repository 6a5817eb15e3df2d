import type {Explanation} from '../../report/finding.ts'

const collect = `Restart the service if it collects before it starts. Otherwise collect as its user,
in its environment, then restart.`

export const explanation = {
  why: `Without its static files a site has no style. Where the storage keeps a manifest, every page
that names a static file answers 500.`,
  asks: `STATIC_ROOT is listed once. Its names are compared with what the package's static
directories, its applications and Django's admin contain. Links are followed to their end. Django
says which files these are, and which storage is used. Of more than 100,000 entries the names are
not compared, and the answer is unknown.`,
  findings: {
    'never-collected': {
      means: `The directory does not exist, is empty, or has none of the package's files.`,
      remedy: collect,
    },
    incomplete: {
      means: 'Some files of the package are missing.',
      remedy: collect,
    },
    'no-manifest': {
      means: `The storage keeps staticfiles.json, and the file is not there: every page that names a
static file answers 500.`,
      remedy: collect,
    },
    'not-a-directory': {
      means: 'Something else stands where the directory should be.',
      remedy: 'Move it aside, collect anew and restart.',
    },
    'dangling-link': {
      means: `A link leads nowhere, often into a package that is gone. WhiteNoise opens every entry
when it starts, so no worker boots. Without WhiteNoise it is only a warning.`,
      remedy: 'Remove the link, collect anew and restart.',
    },
    'not-a-file': {
      means: `A FIFO, a socket or a device lies among the files. It keeps WhiteNoise from starting
just as a dangling link does.`,
      remedy: 'Remove it, collect anew and restart.',
    },
    'storage-ignored': {
      means: `The settings name their storage in STATICFILES_STORAGE. Django has not read that since
5.1, and does not complain: file names get no hash.`,
      remedy: 'Name the storage in STORAGES, then deploy the settings.',
    },
  },
  mistakenFor: `More files than expected are normal: those of earlier deployments stay. A hashed
file may lie there without its plain one, since WhiteNoise can be told to keep only the hashed ones.
A plain storage keeps no manifest, and collecting again would not make one. With DEBUG on, or with
WHITENOISE_USE_FINDERS, files are served from the package itself. "0 static files copied, 139
unmodified" is not an error, and proves nothing either.`,
} satisfies Explanation
