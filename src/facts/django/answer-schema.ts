import * as v from 'valibot'

/** A place in the application's files. */
export const place = v.object({
  file: v.string(),
  line: v.nullable(v.number()),
  function: v.optional(v.string()),
})

/** One exception of a chain. */
export const link = v.object({
  type: v.string(),
  message: v.string(),
  /** Where the application itself raised it, else where a library did. */
  place: v.nullable(place),
  /** Where it was raised, whose file that may be. */
  last: v.optional(v.nullable(place)),
  /** False where no file of the application stands in its traceback. */
  own: v.boolean(),
  /** The module of the application that was being imported. */
  module: v.optional(v.nullable(v.string())),
  /** The template that was being rendered. */
  template: v.nullable(place),
  /** The module that an ImportError misses. */
  name: v.nullable(v.string()),
  errno: v.nullable(v.number()),
  /** The file that an OSError is about. */
  filename: v.nullable(v.string()),
  /**
   * Where a module of an ImportError is looked for and this user may not: then it reads as missing.
   */
  refused: v.optional(v.nullable(v.string())),
})

/** First cause first, as "The above exception was the direct cause of" has them. */
const chain = v.array(link)

const scalar = v.nullable(v.union([v.string(), v.number(), v.boolean()]))

const storage = v.object({
  backend: v.string(),
  options: v.record(v.string(), v.unknown()),
  /** The class and those that it is made of, by their full names. */
  bases: v.array(v.string()),
  /** Whether it is one of Django's manifest storages (ManifestFilesMixin). */
  keepsManifest: v.nullable(v.boolean()),
  manifestName: v.nullable(v.string()),
  manifestStrict: v.nullable(v.boolean()),
})

/** A message of a system check, in Django's own words. */
export const systemCheck = v.object({
  id: v.string(),
  /** 10 debug, 20 info, 30 warning, 40 error, 50 critical (django.core.checks). */
  level: v.number(),
  message: v.string(),
  hint: v.string(),
  /** What it is about: "lighthouse.Beacon.name". */
  object: v.nullable(v.string()),
})

/** What is told with the time of its last change, in milliseconds since the epoch. */
const dated = v.record(v.string(), v.tuple([v.string(), v.number()]))

/** What a picture of the machine keeps of the environment, the settings and the code. */
const picture = v.object({
  /** Versions by name. */
  distributions: dated,
  /** The top-level modules beside them. */
  modules: v.array(v.string()),
  /** Of file names, and of standard output. */
  encoding: v.string(),
  /** Each setting that the project makes, as JSON without what may be secret. */
  settings: v.nullable(v.record(v.string(), v.string())),
  /** Those of them whose names are not Django's; recordings of before did not tell. */
  own: v.optional(v.array(v.string()), []),
  /** Digests of the project's files by their paths; null where there are too many. */
  code: v.nullable(dated),
  /** Of too many: digests of the names and sizes in each directory; null where there are too many. */
  directories: v.optional(v.nullable(dated), null),
  /** Whether all of the code was looked for: where the settings fail, only what lies beside them. */
  isWhole: v.boolean(),
  /**
   * By path, the access control list and the one that new files get (linux/posix_acl_xattr.h), in
   * hexadecimal digits and empty where there is none.
   */
  acls: v.optional(v.record(v.string(), v.tuple([v.string(), v.string()])), {}),
})

/** A password file, as a process of the unit sees it. */
export const passfile = v.object({
  path: v.string(),
  /** By OPTIONS or PGPASSFILE; otherwise it is libpq's own, ~/.pgpass. */
  named: v.boolean(),
  /** `open`: others may read or write it, so that libpq ignores it. `irregular`: it is no file. */
  state: v.picklist(['read', 'open', 'missing', 'denied', 'irregular']),
  /** Null where not even that may be seen. */
  access: v.nullable(v.object({mode: v.number(), uid: v.number(), gid: v.number()})),
  /** Of its last change, in milliseconds since the epoch. */
  changed: v.nullable(v.number()),
  /** The host that a line of it has to name. */
  wanted: v.string(),
  /** The line that fits, else the one that comes nearest; null where there is none. */
  line: v.nullable(v.number()),
  /** What of that line is not for this connection; `form` where it has less than five fields. */
  differs: v.array(v.picklist(['host', 'port', 'database', 'user', 'form'])),
})

/** How libpq completes what the settings say. */
export const libpq = v.object({
  host: v.string(),
  /**
   * More addresses than one, or an address beside the host's name: `host` is not all, and `port`
   * may be a list. Absent in answers recorded before this was asked.
   */
  several: v.optional(v.boolean(), false),
  port: v.string(),
  name: v.string(),
  user: v.string(),
  sslmode: v.nullable(v.string()),
  options: v.nullable(v.string()),
  /** Of pg_service.conf, and the file that defines it or should. */
  service: v.nullable(v.object({name: v.string(), file: v.nullable(v.string())})),
  /** Null where the settings, the service or PGPASSWORD give the password: no file is looked at. */
  passfile: v.nullable(passfile),
  /** Why libpq makes no connection of it, in its own words. */
  failure: v.nullable(v.string()),
})

const migrationKey = v.tuple([v.string(), v.string()])

export const answerSchema = v.object({
  python: v.string(),
  executable: v.string(),
  django: v.nullable(v.string()),
  djangoPath: v.nullable(v.string()),
  /**
   * What was put in the place of a variable that is missing: a setting that holds it is not known.
   */
  placeholder: v.string(),
  module: v.nullable(v.string()),
  file: v.nullable(v.string()),
  /** How gunicorn itself reads its command line and gunicorn.conf.py. */
  server: v.nullable(
    v.object({
      binds: v.array(
        v.union([v.object({host: v.string(), port: v.number()}), v.object({path: v.string()})]),
      ),
      stated: v.boolean(),
      entry: v.nullable(v.string()),
      directory: v.nullable(v.string()),
      config: v.nullable(v.string()),
      /** Files that it opens itself: certificates, logs, its PID file. */
      files: v.optional(
        v.array(
          v.object({
            setting: v.string(),
            path: v.string(),
            need: v.picklist(['read', 'write', 'pass']),
          }),
        ),
      ),
      /** Absent in answers recorded before these were asked. */
      workers: v.optional(v.nullable(v.number())),
      daemon: v.optional(v.boolean()),
      pidFile: v.optional(v.nullable(v.string())),
    }),
  ),
  failures: v.array(v.object({stage: v.string(), chain})),
  missing: v.array(v.object({name: v.string(), place: v.nullable(place), chain})),
  /**
   * Modules that the settings tried to import, that are there and fail, and without which they go
   * on.
   */
  swallowed: v.optional(v.array(v.object({module: v.string(), chain}))),
  secretKey: v.nullable(
    v.object({
      length: v.number(),
      empty: v.boolean(),
      /** How many different characters it has. */
      different: v.optional(v.number()),
      /** As startproject writes it: `django-insecure-…`. */
      insecure: v.optional(v.boolean()),
    }),
  ),
  /** Names of the environment that were looked for while the settings were imported. */
  read: v.array(v.string()),
  /** Those of them that are not set. */
  unset: v.array(v.string()),
  /** Files that the settings read and that are no Python: .env, a key file. */
  files: v.array(v.string()),
  /**
   * Those of them that the unit's user may not read; answers recorded before this was asked have
   * none.
   */
  denied: v.optional(v.array(v.string()), []),
  /** .env files that the settings tried to read and that are not there. */
  absent: v.optional(v.array(v.string()), []),
  settings: v.record(v.string(), v.unknown()),
  overridden: v.array(v.string()),
  /** Where a setting is made. */
  places: v.record(v.string(), place),
  databases: v.record(
    v.string(),
    v.object({
      engine: v.string(),
      name: v.string(),
      user: v.string(),
      host: v.string(),
      port: v.string(),
      options: v.record(v.string(), v.unknown()),
      /**
       * Seconds, or "forever"; 0 where it is not set. Null in an old recording: not set, or None.
       */
      connMaxAge: scalar,
    }),
  ),
  /**
   * Of the default database, where a service or a password file may say more than the settings;
   * answers recorded before this was asked have none. `unasked`: the driver could not be asked.
   */
  libpq: v.optional(v.nullable(v.union([libpq, v.object({unasked: v.string()})])), null),
  caches: v.record(v.string(), v.object({backend: v.string(), location: v.unknown()})),
  /**
   * Of channels: the addresses of each layer's Redis, as URLs; answers recorded before this was
   * asked have none.
   */
  channelLayers: v.optional(v.record(v.string(), v.array(v.string())), {}),
  logFiles: v.array(v.object({handler: v.string(), path: v.string()})),
  apps: v.nullable(v.array(v.object({name: v.string(), label: v.string(), path: v.string()}))),
  migrations: v.nullable(
    v.object({
      all: v.array(
        v.object({
          app: v.string(),
          name: v.string(),
          replaces: v.array(migrationKey),
          dependencies: v.array(migrationKey),
          /** Of PostgreSQL, which it creates: "vector". */
          extensions: v.optional(v.array(v.string())),
        }),
      ),
      /** Leaves of an application that has more than one. */
      conflicts: v.record(v.string(), v.array(v.string())),
      /** What MigrationLoader refuses. */
      error: v.nullable(
        v.object({
          kind: v.picklist(['bad', 'parent-missing', 'circular']),
          message: v.string(),
          node: v.nullable(v.array(v.string())),
          origin: v.nullable(v.array(v.string())),
        }),
      ),
      /** Tables that the migrations make; null where routers decide which database has them. */
      tables: v.nullable(v.array(v.string())),
      /**
       * Fields of the project that store a file in the default storage: "accounts.Profile.avatar".
       */
      uploads: v.array(v.string()),
    }),
  ),
  static: v.nullable(
    v.object({
      /** django.contrib.staticfiles is among INSTALLED_APPS. */
      installed: v.boolean(),
      storage: v.nullable(storage),
      /** What the finders find; names null where there are too many to list. */
      sources: v.array(
        v.object({
          directory: v.string(),
          prefix: v.string(),
          names: v.nullable(v.array(v.string())),
        }),
      ),
      /** STATICFILES_STORAGE where Django no longer reads it (5.1 and later). */
      ignored: v.nullable(v.string()),
      /**
       * The type that Python's mimetypes, and so Django, gives to the ending of a name; answers
       * recorded before this was asked have none.
       */
      types: v.optional(v.record(v.string(), v.nullable(v.string()))),
    }),
  ),
  media: v.nullable(storage),
  /** `check --deploy`: the security checks, which need the settings alone. */
  deploy: v.nullable(v.array(systemCheck)),
  /** For a picture of the machine; answers recorded before this was asked have none. */
  picture: v.optional(v.nullable(picture), null),
  start: v.nullable(
    v.object({
      /** The WSGI or ASGI callable was made. */
      entry: v.boolean(),
      checks: v.array(systemCheck),
      /** URLs that need no argument. */
      paths: v.array(v.string()),
      page: v.nullable(
        v.object({path: v.string(), status: v.nullable(v.number()), chain: v.nullable(chain)}),
      ),
    }),
  ),
  tookMs: v.number(),
  /**
   * By the name of the setting. They go into `host.secrets` and to PostgreSQL, and nowhere else.
   */
  secrets: v.record(v.string(), v.string()),
})
