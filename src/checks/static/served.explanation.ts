import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: 'All files may be right on the disk while every visitor gets a page without style.',
  asks: `One style sheet that the manifest names (or one that was collected) is requested over HTTP:
from the application if it serves static files itself, and from each front that leads to it, under
each of its names. It is requested uncompressed and compressed, as browsers do: a .gz that is left
hides that the original is gone. The bytes are compared by MD5, and Content-Type and Cache-Control
are read. A front that sends files itself is asked for more, from each of its locations: one of each
kind that browsers tell apart (style sheets, scripts, modules, SVG, images, PDF, video), and the same
of the uploads in MEDIA_ROOT, at most twelve of at most 1 MiB. Their type is held against that which
Django's own mimetypes give.`,
  findings: {
    'not-served': {
      means: `The file is there and the answer is an error: a front has another location or a wrong
alias, STATIC_URL differs, the process does not know the file, or nobody serves static files at
all.`,
      remedy: `Correct the location if a front answers. Restart the service if the application
does.`,
    },
    starting: {
      means: 'The service is starting, and does not serve its files yet.',
      remedy: 'Wait until it has started, then look again.',
    },
    'other-bytes': {
      means: `The answer is not the file in STATIC_ROOT: it comes from somewhere else, or from a
cache.`,
      remedy: 'Correct the alias, or empty the cache.',
    },
    'wrong-type': {
      means: `A file comes with the wrong Content-Type. Browsers refuse a style sheet or a module that
comes as text/plain, as nginx sends it without its mime.types, and a plain script as well where
X-Content-Type-Options says nosniff; an SVG is not drawn, and what comes as text/html is taken for a
page.`,
      remedy: 'Let the front know the types (include mime.types), then reload it.',
    },
    'media-not-served': {
      means: `A front has a location for uploads, and answers 404 for one that is there: the location
looks in another directory than MEDIA_ROOT, as with an alias that lacks its slash.`,
      remedy: 'Correct the alias or root of the location.',
    },
    'not-immutable': {
      means: `WhiteNoise serves a hashed file and lets browsers keep it for a minute only: it does
not know that the file is hashed.`,
      remedy: 'Restart the service; WhiteNoise reads the manifest at start.',
    },
  },
  mistakenFor: `404 for /static/ itself is normal. nginx sets no Cache-Control unless it is told to,
which works. Fonts and JSON work as any type. Uploads that come as application/octet-stream or as an
attachment are meant to be downloads. A location that is internal or sends nobody a file is passed
over. A static file does not need the database, so it may come although every page fails, and
the other way round.`,
} satisfies Explanation
