# What a fault of every host is written with. The host's own library follows it and sets `unit`.

set -euo pipefail

fail() { echo "$*" >&2; exit 1; }

# until_true SECONDS COMMAND…
until_true() {
  local deadline=$((SECONDS + $1)); shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || fail "waited in vain: $*"
    sleep 0.05
  done
}

# sql STATEMENT [DATABASE]: as the superuser of PostgreSQL.
sql() { setpriv --reuid=postgres --regid=postgres --init-groups psql -XqAt -v ON_ERROR_STOP=1 -d "${2:-postgres}" -c "$1"; }

is() { [ "$(systemctl show -P "$1" ${3:-$unit})" = "$2" ]; }
logged() { journalctl --no-pager -u "${2:-$unit}" | grep "$1" >/dev/null; }
main_pid() { systemctl show -P MainPID $unit; }
status_of() { curl -s -o /dev/null -w '%{http_code}' -m 5 "$@" || true; }

# restart_app: and the restart succeeds.
restart_app() { systemctl restart $unit; }

# crash_app: restarts it, which fails, and leaves it waiting for its next try.
crash_app() {
  ! systemctl restart $unit 2>/dev/null || fail 'it started all the same'
  until_true 40 waits_for_retry
}
# crash_or_broken_app: restarts it; whether it then fails at start or later differs between versions of Django.
crash_or_broken_app() {
  systemctl restart --no-block $unit
  until_true 40 eval 'waits_for_retry || { is ActiveState active && ! answers 000; }'
}
waits_for_retry() { is SubState auto-restart || is ActiveState failed; }
