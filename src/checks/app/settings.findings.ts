import {type CodeOf, cause, findingsOf, symptom} from '../../report/finding.ts'
import {explanation} from './settings.explanation.ts'

/** Why Django does not start: an exception in a line. */
const doesNotStart = (why: string): string =>
  `Django does not start in the unit's environment: ${why}`

/**
 * What was tried counts more than what the service or systemd said when it failed ("No such file or
 * directory", of a file that is there): midship's cases sandbox-….
 */
const ofStart = {explains: ['service/active', 'service/journal', 'http/app']} as const

export const found = findingsOf(explanation, {
  'missing-variable': cause(
    'critical',
    (names: readonly string[]) => `the settings cannot be imported without ${names.join(', ')}`,
  ),
  'import-failed': symptom('critical', doesNotStart),
  'import-swallowed': cause(
    'critical',
    (settings: string, module: string, why: string) =>
      `${settings} goes on without ${module}, which cannot be imported: ${why}`,
    // Settings without a part of themselves say what nobody meant, and what is judged by them
    // follows from that: "except ImportError: pass", as in test/facts/django/ask.test.ts.
    {explains: ['secrets/keys', 'static/*', 'database/*', 'http/proxy', 'app/*']},
  ),
  'start-failed': symptom('critical', doesNotStart),
  sandbox: cause(
    'critical',
    (settings: readonly string[], unit: string, why: string) =>
      `${settings.join(' and ')} of ${unit} ${settings.length > 1 ? 'keep' : 'keeps'} Django from ` +
      `starting: ${why}; without ${settings.length > 1 ? 'them' : 'it'} the same start succeeds`,
    ofStart,
  ),
  'sandbox-part': cause(
    'critical',
    (settings: readonly string[], unit: string, why: string) =>
      `the sandbox of ${unit} keeps Django from starting: ${why}; without ` +
      `${settings.join(', ')} the same start succeeds, and which of them it is was not found in time`,
    ofStart,
  ),
  'sandbox-of-path': cause(
    'critical',
    (settings: readonly string[], unit: string, path: string, why: string) =>
      `${settings.join(' and ')} of ${unit} ${settings.length > 1 ? 'close' : 'closes'} ${path} to ` +
      `the service, which was refused it: ${why}; without ${settings.length > 1 ? 'them' : 'it'} the ` +
      'path is open to it',
    ofStart,
  ),
  'system-check': cause('critical', (about: string | null, id: string, message: string) => {
    const object = about ? `${about}: ` : ''
    return `Django's system check finds ${object}(${id}) ${message}`
  }),
  'no-django': cause(
    'critical',
    (python: string, why: string) => `${python} has no Django: ${why}`,
  ),
  'no-directory': cause(
    'critical',
    (server: string, directory: string, why: string) =>
      `${server} is told to work in ${directory}, which it cannot enter: ${why}`,
  ),
  'no-interpreter': cause(
    'critical',
    (python: string, unit: string, why: string) =>
      `${python} of ${unit} cannot be executed as the unit would${why} (203/EXEC)`,
  ),
  'not-prepared': symptom('critical', (what: string) => what),
  'other-library': cause(
    'critical',
    (unit: string, home: string) =>
      `Python does not start: PYTHONHOME=${home} of ${unit} is where it looks for its own library`,
  ),
  crashed: cause('critical', (what: string) => what),
})

export type Code = CodeOf<typeof found>
