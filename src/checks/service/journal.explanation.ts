import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: 'A service that runs may still fail on some of its pages, and only its journal says so.',
  asks: `The journal of the unit since its last start is read, at most an hour back; service/active
has asked for it already. What the processes said is compared with the table of known messages. An
exception that nobody has described counts as well. Exceptions that led to one another are one, and
so is what several loggers tell of one request. Lines that are known to mean nothing are passed
over. Where the access log does not tell enough of how the page fared later, it is asked for, a few
times; a form is never sent.`,
  findings: {
    error: {
      means: `A message was logged that is known to mean a fault. Where the check that finds that
fault fails too, this is its consequence.`,
      remedy: 'See the check that finds the fault; otherwise read the lines around the message.',
    },
    exception: {
      means: 'An exception was logged that nobody has described.',
      remedy: 'Read the lines around it.',
    },
    over: {
      means: `A fault was logged, and the requests that it ended have been answered well since, by
the access log or as this program asked for the pages: so often that a fault that comes and goes
would have shown. A form that failed is over only where forms were taken since.`,
      remedy: `Nothing has to be done now. Where a connection to the database was lost that Django
had kept, CONN_HEALTH_CHECKS lets it look before it uses one.`,
    },
    'disallowed-host': {
      means: 'Requests for a name that a front serves are refused, because ALLOWED_HOSTS lacks it.',
      remedy: 'Add the name to ALLOWED_HOSTS, and restart the service.',
    },
    'untrusted-origin': {
      means: `Forms that visitors send from a name that a front serves are refused with 403, since
Django takes the request for one of another scheme or name and CSRF_TRUSTED_ORIGINS lacks theirs.`,
      remedy: `Add the origin to CSRF_TRUSTED_ORIGINS, or let the front say by which scheme it was
asked (X-Forwarded-Proto with SECURE_PROXY_SSL_HEADER).`,
    },
  },
  mistakenFor: `Scanners ask for any name: "Invalid HTTP_HOST header" counts only for names that a
front serves, and so do origins that are not trusted. "CSRF cookie not set" is what every scanner
gets that sends a form. Errors from before the last start are over. By default Django logs nothing of an error
500 when DEBUG is off, so a silent journal proves nothing. Lines of the access log may hold any
words.`,
} satisfies Explanation
