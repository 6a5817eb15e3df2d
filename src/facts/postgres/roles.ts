/** Attributes of roles by name, as every role may see them. */
export const roles = `select rolname || '/' || key as name, value from pg_roles, jsonb_each_text(to_jsonb(pg_roles))
    where key not in ('oid', 'rolname', 'rolpassword')
  union all select m.rolname || '/member of', string_agg(g.rolname, ' ' order by g.rolname) from pg_auth_members a
    join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid group by m.rolname
  union all select rolname, 'there' from pg_roles`

/** Attributes of databases by name, without what PostgreSQL counts on by itself. */
export const databases = `select datname || '/' || key as name, value from pg_database, jsonb_each_text(to_jsonb(pg_database))
    where key not in ('oid', 'datname', 'datfrozenxid', 'datminmxid', 'datlastsysoid', 'datdba', 'dattablespace')
  union all select datname || '/owner', pg_get_userbyid(datdba) from pg_database
  union all select datname, 'there' from pg_database`
