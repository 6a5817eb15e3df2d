import {signaturesOf} from './signature.ts'

/** Exceptions of Django, WhiteNoise and Python itself, as the last line of a traceback has them. */
export const pythonSignatures = signaturesOf('service', [
  {
    name: 'setting-missing',
    pattern:
      /^(?:decouple\.)?UndefinedValueError: (\w+) not found\. Declare it as envvar or define a default value\./,
    because: ['secrets/keys', 'secrets/file'],
    meaning: ([, name]) => `the settings need ${name}, which is not set`,
    example:
      'decouple.UndefinedValueError: SECRET_KEY not found. Declare it as envvar or define a default value.',
  },
  {
    name: 'variable-missing',
    pattern:
      /^KeyError: '([A-Z][A-Z0-9_]+)'|^[\w.]*ImproperlyConfigured: Set the (\w+) environment variable/,
    because: ['secrets/keys', 'secrets/file'],
    meaning: ([, first, second]) => `the settings need ${first ?? second}, which is not set`,
    example: "KeyError: 'SECRET_KEY'",
  },
  {
    name: 'secret-key-empty',
    pattern: /^[\w.]*ImproperlyConfigured: The SECRET_KEY setting must not be empty\./,
    because: ['secrets/keys', 'secrets/file'],
    example:
      'django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.',
  },
  {
    name: 'static-root-unset',
    pattern:
      /^[\w.]*ImproperlyConfigured: You're using the staticfiles app without having set the STATIC_ROOT setting/,
    because: ['static/root'],
    example:
      "django.core.exceptions.ImproperlyConfigured: You're using the staticfiles app without having set the STATIC_ROOT setting to a filesystem path.",
  },
  {
    name: 'settings-not-configured',
    pattern: /^[\w.]*ImproperlyConfigured: Requested settings?\b.* but settings are not configured/,
    because: 'itself',
    example:
      'django.core.exceptions.ImproperlyConfigured: Requested setting DATABASES, but settings are not configured. You must either define the environment variable DJANGO_SETTINGS_MODULE or call settings.configure() before accessing settings.',
  },
  {
    name: 'store-read-only',
    pattern:
      /^(?:OSError: \[Errno 30\] Read-only file system|PermissionError: \[Errno 13\] Permission denied): '(\/nix\/store\/[^']*)'/,
    because: ['static/root'],
    meaning: ([text, path]) =>
      text.startsWith('OSError')
        ? `it tried to write to ${path}, in the read-only store`
        : `permission denied for ${path}, in the store`,
    example:
      "OSError: [Errno 30] Read-only file system: '/nix/store/x-prism/share/prism-django/staticfiles'",
  },
  {
    name: 'read-only-file-system',
    pattern: /^OSError: \[Errno 30\] Read-only file system: '([^']*)'/,
    because: ['state/directory', 'static/root'],
    meaning: ([, path]) => `${path} is read-only for the service`,
    example: "OSError: [Errno 30] Read-only file system: '/var/lib/prism-django/staticfiles'",
  },
  {
    name: 'secret-denied',
    pattern: /^PermissionError: \[Errno 13\] Permission denied: '(\/run\/secrets[^']*)'/,
    because: 'itself',
    meaning: ([, path]) => `the application itself opens ${path} and may not read it`,
    example: "PermissionError: [Errno 13] Permission denied: '/run/secrets/prism-key'",
  },
  {
    name: 'permission-denied',
    pattern: /^PermissionError: \[Errno 13\] Permission denied: '(\/[^']*)'/,
    because: ['state/ownership', 'state/modes', 'state/directory', 'static/root'],
    meaning: ([, path]) => `permission denied for ${path}`,
    example:
      "PermissionError: [Errno 13] Permission denied: '/var/lib/prism-django/staticfiles/staticfiles.json'",
  },
  {
    name: 'disk-full',
    pattern: /^OSError: \[Errno (?:28|122)\] (No space left on device|Disk quota exceeded)/,
    because: ['state/space'],
    example: 'OSError: [Errno 28] No space left on device',
  },
  {
    name: 'manifest-broken',
    pattern: /^ValueError: Couldn't load manifest '[^']*' \(version [\d.]+\)/,
    because: ['static/manifest'],
    example: "ValueError: Couldn't load manifest 'staticfiles.json' (version 1.1)",
  },
  {
    name: 'manifest-of-another-shape',
    pattern: /^AttributeError: '(?:list|str|int|NoneType)' object has no attribute 'get'/,
    because: ['static/manifest'],
    example: "AttributeError: 'list' object has no attribute 'get'",
  },
  {
    name: 'not-utf8',
    pattern: /^UnicodeDecodeError: /,
    because: ['static/manifest'],
    example:
      "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 12: invalid continuation byte",
  },
  {
    name: 'manifest-entry-missing',
    pattern: /^ValueError: Missing staticfiles manifest entry for '([^']*)'/,
    because: ['static/collected', 'static/manifest', 'static/root'],
    example: "ValueError: Missing staticfiles manifest entry for 'css/app.css'",
  },
  {
    name: 'referenced-file-missing',
    pattern:
      /^(?:[\w.]*MissingFileError|ValueError): The file '([^']*)' could not be found with <[^>]*>\.?(?:[\s\S]*?The (?:CSS|JS) file '([^']*)')?/,
    because: 'itself',
    meaning: ([, missing, by]) =>
      by
        ? `${by} references ${missing}, which is not in the package`
        : `${missing} is not in the package`,
    example:
      "whitenoise.storage.MissingFileError: The file 'css/nope.png' could not be found with <whitenoise.storage.CompressedManifestStaticFilesStorage object at 0x7f2ad004be00>.\n\nThe CSS file 'css/bad.css' references a file which could not be found:\n  css/nope.png",
  },
  {
    name: 'circular-import',
    pattern: /^RuntimeError: Max post-process passes exceeded\./,
    because: 'itself',
    meaning: () =>
      'style sheets of the package import one another in a circle (Max post-process passes exceeded)',
    example: 'RuntimeError: Max post-process passes exceeded.',
  },
  {
    name: 'not-a-regular-file',
    pattern: /^[\w.]*NotARegularFileError: Not a regular file: (.+)/,
    because: ['static/collected'],
    meaning: ([, path]) => `${path} is not a regular file`,
    example:
      'whitenoise.responders.NotARegularFileError: Not a regular file: /var/lib/prism-django/staticfiles/pipe.css',
  },
  {
    name: 'file-missing',
    pattern: /^FileNotFoundError: \[Errno 2\] No such file or directory: '([^']*)'/,
    because: ['static/collected', 'static/manifest', 'state/directory', 'static/root'],
    meaning: ([, path]) => `${path} does not exist`,
    example:
      "FileNotFoundError: [Errno 2] No such file or directory: '/var/lib/prism-django/staticfiles/css/dang.css'",
  },
  {
    name: 'broker-unreachable',
    pattern:
      /^(?:redis|django_redis|kombu|amqp|celery|channels_redis)\.(?:\w+\.)*[A-Z]\w+: ((?:Redis \w+: )?[^\n]*(?:Connection refused|No such file or directory|Permission denied|timed out)[^\n]*)/,
    because: ['service/dependencies'],
    meaning: ([, words = '']) => words,
    example:
      'redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused.',
  },
  {
    name: 'address-family',
    pattern: /^OSError: \[Errno 97\] Address family not supported by protocol/,
    because: ['database/server'],
    example: 'OSError: [Errno 97] Address family not supported by protocol',
  },
  {
    name: 'module-missing',
    pattern: /^(?:ModuleNotFoundError|ImportError): .+/,
    because: 'itself',
    example: "ModuleNotFoundError: No module named 'prism_metrics'",
  },
  {
    name: 'code-broken',
    pattern: /^(?:SyntaxError|IndentationError|TabError|NameError): .+/,
    because: 'itself',
    example: 'SyntaxError: invalid syntax',
  },
  {
    name: 'system-check',
    // One line of what follows "SystemCheckError: System check identified some issues:"; a warning
    // has .W in its place.
    pattern: /^(?:<.+>|\S+): \([\w.]+\.E\d+\) .+/,
    because: 'itself',
    example:
      "lighthouse.Beacon.name: (fields.E120) CharFields must define a 'max_length' attribute.",
  },
  {
    name: 'system-check-summary',
    pattern: /^(?:[\w.]+\.)?SystemCheckError: /,
    kind: 'hint',
    because: 'itself',
    example: 'SystemCheckError: System check identified some issues:',
  },
  {
    name: 'too-many-files',
    pattern: /^OSError: \[Errno 24\] Too many open files/,
    because: 'itself',
    meaning: () => 'it may not open as many files as it needs',
    setting: 'LimitNOFILE',
    example: 'OSError: [Errno 24] Too many open files',
  },
  {
    name: 'too-many-tasks',
    pattern:
      /^(?:BlockingIOError: \[Errno 11\] Resource temporarily unavailable|RuntimeError: can't start new thread)/,
    because: 'itself',
    meaning: () => 'it may not have as many processes and threads as it needs',
    setting: 'TasksMax',
    example: 'BlockingIOError: [Errno 11] Resource temporarily unavailable',
  },
  {
    name: 'client-gone',
    // What a client did, not the service: it went away while it was sent an answer, or sent what
    // nobody may.
    pattern:
      /^(?:BrokenPipeError|ConnectionResetError)\b|^django\.(?:http\.request\.UnreadablePostError|http\.multipartparser\.MultiPartParserError|core\.exceptions\.(?:BadRequest|DisallowedHost|DisallowedRedirect|PermissionDenied|RequestDataTooBig|Suspicious\w+|TooMany(?:Fields|Files)Sent))\b/,
    kind: 'noise',
    because: null,
    example:
      "django.core.exceptions.DisallowedHost: Invalid HTTP_HOST header: '203.0.113.9'. You may need to add '203.0.113.9' to ALLOWED_HOSTS.",
  },
  {
    name: 'reentrant-log',
    // Of gunicorn's log, where its handler of SIGCHLD interrupts it: the worker that ended is told
    // of elsewhere.
    pattern: /^RuntimeError: reentrant call inside <_io\.Buffered/,
    kind: 'noise',
    because: null,
    example: "RuntimeError: reentrant call inside <_io.BufferedWriter name='<stderr>'>",
  },
  {
    name: 'asks',
    pattern: /^EOFError: EOF when reading a line/,
    because: 'itself',
    meaning: () =>
      'a command asked a question, and nobody answers in a service (collectstatic and migrate ask nothing with --noinput)',
    example: 'EOFError: EOF when reading a line',
  },
  {
    name: 'command-error',
    pattern: /^(?:[\w.]+\.)?CommandError: (.+)/,
    because: 'itself',
    example:
      'CommandError: Conflicting migrations detected; multiple leaf nodes in the migration graph: (0002_b, 0002_c in app).',
  },
])
