import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `With DEBUG on, an error shows visitors the settings and the source, and every query stays in
memory. A weak SECRET_KEY lets others sign sessions.`,
  asks: `A page that does not exist is requested from the application: with DEBUG on, Django's
answer says so. Django's own check --deploy is run on the settings (the security checks, which need
nothing else), and quoted in its own words: errors, W009, W018 and W020.`,
  findings: {
    debug: {
      means: 'DEBUG is on (security.W018).',
      remedy: `Set DEBUG to false in the unit, and restart the service. A setting that does not
convert its variable takes the word "False" for true.`,
    },
    'secret-key': {
      means: `SECRET_KEY is shorter than 50 characters, has fewer than 5 different ones, or was
written by startproject (security.W009).`,
      remedy: `Give it a new random value in the secrets, and restart the service. That ends every
session.`,
    },
    'allowed-hosts': {
      means: 'ALLOWED_HOSTS is empty (security.W020): without DEBUG every request is refused.',
      remedy: 'Name the hosts where the settings take them from, then restart.',
    },
    'secure-cookies': {
      means: `Cookies are sent over TLS alone (SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE), but every
front speaks plain http.`,
      remedy:
        'Serve the site over TLS. Where TLS ends on another machine, set SECURE_PROXY_SSL_HEADER.',
    },
    'deploy-check': {
      means: 'Another error of check --deploy, in the words of Django or of an application.',
      remedy: 'Correct what is quoted, or silence it in SILENCED_SYSTEM_CHECKS.',
    },
  },
  mistakenFor: `Warnings of check --deploy about HTTPS (W004, W008, W012, W016) are for whatever
stands in front of the application, and are not repeated here. A SECRET_KEY of 40 characters or more
that looks random is not called weak for being shorter than 50. What SILENCED_SYSTEM_CHECKS silences
stays silent.`,
} satisfies Explanation
