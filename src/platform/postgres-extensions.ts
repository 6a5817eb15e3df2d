/** What the package of an extension is called, where that is not its own name. */
interface Packaged {
  /** In nixpkgs' postgresqlPackages. */
  readonly nix: string
  /** Behind "postgresql-17-" on Debian; null where Debian has none. */
  readonly debian: string | null
}

const packaged: Readonly<Record<string, Packaged>> = {
  vector: {nix: 'pgvector', debian: 'pgvector'},
  postgis: {nix: 'postgis', debian: 'postgis-3'},
  postgis_raster: {nix: 'postgis', debian: 'postgis-3'},
  postgis_topology: {nix: 'postgis', debian: 'postgis-3'},
  postgis_sfcgal: {nix: 'postgis', debian: 'postgis-3'},
  postgis_tiger_geocoder: {nix: 'postgis', debian: 'postgis-3'},
  address_standardizer: {nix: 'postgis', debian: 'postgis-3'},
  h3: {nix: 'h3-pg', debian: 'h3'},
  pg_cron: {nix: 'pg_cron', debian: 'cron'},
  pg_partman: {nix: 'pg_partman', debian: 'partman'},
  pg_repack: {nix: 'pg_repack', debian: 'repack'},
  tds_fdw: {nix: 'tds_fdw', debian: 'tds-fdw'},
  timescaledb: {nix: 'timescaledb', debian: null},
  vchord: {nix: 'vectorchord', debian: null},
}

/** Those that nixpkgs and Debian know by the extension's own name. */
const ownName = /^(?:age|hll|hypopg|ip4r|orafce|periods|pgaudit|pgrouting|pgtap|prefix|rum|semver)$/

/** The additional modules of PostgreSQL's own source (postgresql.org, "contrib"). */
const contrib =
  /^(?:amcheck|bloom|btree_gi(?:n|st)|citext|cube|dblink|dict_(?:int|xsyn)|earthdistance|fuzzystrmatch|hstore|intarray|isn|lo|ltree|pg_(?:stat_statements|trgm|buffercache|visibility|walinspect|freespacemap|prewarm|surgery)|pgcrypto|pgrowlocks|pgstattuple|postgres_fdw|seg|sslinfo|tablefunc|tcn|tsm_system_(?:rows|time)|unaccent|uuid-ossp|xml2)$/

/** Null where the name of its package is not known here. */
export function nixExtension(name: string): string | null {
  return packaged[name]?.nix ?? (ownName.test(name) ? name : null)
}

/**
 * "postgresql-17-pgvector"; null where the name of its package is not known here.
 * @param version PostgreSQL's major version
 */
export function debianExtension(name: string, version: string): string | null {
  if (contrib.test(name)) return `postgresql-${version}`
  const suffix = packaged[name]?.debian ?? (ownName.test(name) ? name : null)
  return suffix === null ? null : `postgresql-${version}-${suffix}`
}
