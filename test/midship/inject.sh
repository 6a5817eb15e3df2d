# What a fault of midship is written with, beside container/inject.sh. Changes go the way that they go on the host: a unit, a script or a package is never
# edited, another one is put into the store and the link is switched. Fails where a change changed nothing.

unit=prism-django.service
unit_link=/etc/systemd/system/$unit
state=/var/lib/prism-django
static=$state/staticfiles
# Empty where the unit is gone: a proof may still be run then.
package=$(cat $unit_link 2>/dev/null | sed -n 's,^WorkingDirectory=\(/nix/store/[^/]*\)/.*,\1,p') || true
python=$(cat "$package/bin/prism-gunicorn" 2>/dev/null | sed -n 's,^exec "\(/nix/store/[^/]*\)/bin/gunicorn".*,\1,p') || true
pre_start=$(cat $unit_link 2>/dev/null | sed -n 's/^ExecStartPre=//p') || true
data=$(echo /var/lib/postgresql/[0-9]*)

mount -o remount,rw,bind /nix/store
trap 'mount -o remount,ro,bind /nix/store' EXIT

# store_path NAME: where something of that name would lie, at another hash each time.
store_path() { echo "/nix/store/$(head -c 512 /dev/urandom | tr -dc 0-9a-df-np-sv-z | head -c 32)-$1"; }

# seal PATH: as Nix leaves it.
seal() { chmod -R a+rX,a-w "$1"; find "$1" -exec touch -h -d @1 {} +; }

# switch_unit FILE NAME: a new object that holds FILE as the unit NAME, and the link to it.
switch_unit() {
  local object; object=$(store_path "unit-$2")
  mkdir "$object"; cp "$1" "$object/$2"; seal "$object"
  ln -sfn "$object/$2" "/etc/systemd/system/$2"
  systemctl daemon-reload
}

# edit_unit EXPRESSION [NAME]: sed on the unit, as a rebuild with another configuration.
edit_unit() {
  local name=${2:-$unit} new; new=$(mktemp)
  sed "$1" "/etc/systemd/system/$name" > "$new"
  ! cmp -s "$new" "/etc/systemd/system/$name" || fail "sed '$1' changed nothing"
  switch_unit "$new" "$name"
}

# add_to_unit LINE: at the end of [Service].
add_to_unit() { edit_unit "/^WorkingDirectory=/a $1"; }

# edit_pre_start EXPRESSION
edit_pre_start() {
  local object; object=$(store_path unit-script-prism-django-pre-start)
  mkdir -p "$object/bin"
  sed "$1" "$pre_start" > "$object/bin/prism-django-pre-start"
  ! cmp -s "$pre_start" "$object/bin/prism-django-pre-start" || fail "sed '$1' changed nothing"
  chmod 0555 "$object/bin/prism-django-pre-start"; seal "$object"
  pre_start=$object/bin/prism-django-pre-start
  edit_unit "s,^ExecStartPre=.*,ExecStartPre=$pre_start,"
}

# edit_package COMMAND…: a new package, in which COMMAND ran at share/prism-django; the unit and its script follow.
edit_package() {
  local new; new=$(store_path prism-django-unstable)
  cp -r "$package" "$new"; chmod -R u+w "$new"
  find "$new" -name __pycache__ -prune -exec rm -r {} +
  (cd "$new/share/prism-django"; "$@")
  ! diff -rq --exclude=__pycache__ "$package/share" "$new/share" >/dev/null || fail 'the package was not changed'
  grep -rlF "$package" "$new" | xargs -r sed -i "s,$package,$new,g"
  seal "$new"
  local old=$package; package=$new
  edit_pre_start "s,$old,$new,g"
  edit_unit "s,$old,$new,g"
}

# edit_python COMMAND…: the same application with another Python environment, in which COMMAND ran at site-packages.
edit_python() {
  local new; new=$(store_path "${python#/nix/store/*-}")
  cp -a "$python" "$new"; chmod -R u+w "$new"
  grep -rlF "$python" "$new/bin/gunicorn" | xargs -r sed -i "s,$python,$new,g"
  (cd "$new"/lib/*/site-packages; "$@")
  seal "$new"
  edit_wrappers "s,$python,$new,g"
  python=$new
}

# edit_wrappers EXPRESSION: a new package whose programs in bin/ are edited.
edit_wrappers() {
  local new; new=$(store_path prism-django-unstable)
  cp -a "$package" "$new"; chmod -R u+w "$new"
  sed -i "$1" "$new"/bin/*
  ! diff -rq "$package/bin" "$new/bin" >/dev/null || fail "sed '$1' changed nothing"
  sed -i "s,$package,$new,g" "$new"/bin/*
  seal "$new"
  local old=$package; package=$new
  edit_pre_start "s,$old,$new,g"
  edit_unit "s,$old,$new,g"
}

# edit_nginx EXPRESSION: another nginx.conf, and nginx running with it.
edit_nginx() {
  local old new; old=$(sed -n 's/^ExecStart=.* -c //p' /etc/systemd/system/nginx.service); new=$(store_path nginx.conf)
  sed "$1" "$old" > "$new"
  ! cmp -s "$old" "$new" || fail "sed '$1' changed nothing"
  seal "$new"
  edit_unit "s,$old,$new,g" nginx.service
  systemctl restart nginx.service
  # Type=simple: systemd does not wait until it listens.
  until_true 10 eval '! answers 000 http://127.0.0.1:80/'
}

# serve_static: nginx serves /static/ itself, as in the later version; the state directory lets it pass.
serve_static() {
  chmod 0751 $state
  sed -i "s,^\(d $state\) 0750,\1 0751," /etc/tmpfiles.d/00-nixos.conf
  edit_nginx "s,^\t\tlocation / {,\t\tlocation /static/ {\n\t\t\talias $static/;\n\t\t}\n&,"
}

# edit_secrets EXPRESSION: what sops-nix would decrypt, as another generation.
edit_secrets() {
  local file=/var/lib/sops-nix/prism-env old; old=$(mktemp)
  cp $file "$old"; sed -i "$1" $file
  ! cmp -s "$old" $file || fail "sed '$1' changed nothing"
  rm "$old"
  systemctl restart sops-install-secrets.service
}

# keep_password_in FILE LINE: in a password file of libpq's and not among the secrets; LINE is all that comes before it.
keep_password_in() {
  local password; password=$(sed -n 's/^POSTGRES_PASSWORD=//p' /run/secrets/prism-env)
  edit_secrets '/^POSTGRES_PASSWORD=/d'
  mkdir -p "${1%/*}"
  (umask 077; printf '# of prism\n%s:%s\n' "$2" "$password" > "$1")
  chown prism:prism "$1"
}

# edit_postgres FILE EXPRESSION: another postgresql.conf or pg_hba.conf; not yet read by the server.
edit_postgres() {
  local conf hba new; conf=$(readlink -f "$data/postgresql.conf"); hba=$(sed -n "s/^hba_file = '\(.*\)'/\1/p" "$conf")
  new=$(store_path postgresql.conf); mkdir "$new"
  if [ "$1" = pg_hba.conf ]; then
    local new_hba; new_hba=$(store_path pg_hba.conf)
    sed "$2" "$hba" > "$new_hba"; seal "$new_hba"
    sed "s,$hba,$new_hba," "$conf" > "$new/postgresql.conf"
    ! cmp -s "$hba" "$new_hba" || fail "sed '$2' changed nothing"
  else
    sed "$2" "$conf" > "$new/postgresql.conf"
    ! cmp -s "$conf" "$new/postgresql.conf" || fail "sed '$2' changed nothing"
  fi
  seal "$new"
  ln -sfn "$new/postgresql.conf" "$data/postgresql.conf"
}

# small_volume DIRECTORY OPTIONS: the directory's content on a volume of its own, of that size.
small_volume() {
  local copy; copy=$(mktemp -d)
  cp -a "$1/." "$copy"
  mount -t tmpfs -o "size=$2" volume "$1"
  cp -a "$copy/." "$1"
  rm -r "$copy"
}

# add_redis: a Redis for the application, as NixOS has it: a user, a group and a socket of its own.
add_redis() {
  local file; file=$(mktemp)
  useradd --system --user-group --no-create-home --shell /usr/sbin/nologin redis-prism
  cat > "$file" <<'EOF'
[Unit]
Description=Redis Server - redis-prism

[Service]
ExecStart=/usr/bin/redis-server --port 0 --unixsocket /run/redis-prism/redis.sock --unixsocketperm 660 --save "" --supervised systemd
Group=redis-prism
RuntimeDirectory=redis-prism
RuntimeDirectoryMode=0750
Type=notify
User=redis-prism
EOF
  switch_unit "$file" redis-prism.service
}

# as_unit COMMAND…: with the unit's user, environment and working directory.
as_unit() {
  local file; file=$(mktemp)
  (sed -n 's/^Environment=\([^"]\)/\1/p' $unit_link; cat /run/secrets/prism-env) > "$file"
  systemd-run --quiet --wait --pipe --collect --uid=prism --gid=prism -p EnvironmentFile="$file" \
    -p WorkingDirectory="$package/share/prism-django" "$@"
  rm "$file"
}

# answers STATUS [URL]
answers() { [ "$(status_of "${2:-http://127.0.0.1:8000/}")" = "$1" ]; }

# replace_workers: the master reads its application again, as it does after a worker died.
replace_workers() {
  local old; old=$(pgrep -P "$(main_pid)" | sort)
  systemctl kill --kill-whom=main --signal=HUP $unit
  until_true 15 workers_changed "$old"
}
workers_changed() {
  local now; now=$(pgrep -P "$(main_pid)" | sort)
  [ -n "$now" ] && [ -z "$(comm -12 <(echo "$1") <(echo "$now"))" ]
}
