# Runs in the container's root before its first boot. The driver passes package, python, postgresql, postgresql_conf,
# system and password.

rm -rf /var/lib/postgresql /var/log/postgresql /etc/postgresql /etc/redis
ln -sfn /dev/null /etc/systemd/system/redis-server.service

groupadd --gid 5100 prism
useradd --uid 5100 --gid prism --home-dir /var/lib/prism-django --no-create-home --shell /usr/sbin/nologin prism
groupadd --gid 60 nginx 2>/dev/null || groupadd --system nginx
useradd --gid nginx --system --no-create-home --shell /usr/sbin/nologin nginx
rm -rf /var/log/nginx

mkdir -p /nix/var/nix/profiles
ln -s "$system" /nix/var/nix/profiles/system-1-link
ln -s system-1-link /nix/var/nix/profiles/system

major=$("$postgresql/bin/postgres" --version | sed 's/.* \([0-9]*\)\..*/\1/')
data=/var/lib/postgresql/$major
install -d -m 0750 -o postgres -g postgres /var/lib/postgresql "$data"
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups env -C / "$@"; }
as_postgres "$postgresql/bin/initdb" --pgdata="$data" --auth=peer --encoding=UTF8 --locale=C.UTF-8 >/dev/null
rm "$data/pg_hba.conf"
ln -sfn "$postgresql_conf/postgresql.conf" "$data/postgresql.conf"
as_postgres "$postgresql/bin/postgres" --single -D "$data" postgres >/dev/null <<SQL
CREATE ROLE prism LOGIN PASSWORD '$password'
CREATE DATABASE prism OWNER prism
SQL

# Nix compiles what it packages; a source newer than its code would be compiled at every start.
find "$package" -name '*.py' -exec touch -h -d @1 {} +
"$python/bin/python" -m compileall -q "$package/share/prism-django"
