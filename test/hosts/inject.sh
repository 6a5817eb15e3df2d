# What a fault of these deployments is written with, beside container/inject.sh; the driver sets the variables of
# deployments.ts before it. Changes go the way that they go on a Debian host: files are edited where they are.

# run_as USER COMMAND…: in the unit's environment and its project's directory.
run_as() {
  local as=$1 group=root; shift
  [ "$as" = "$user" ] && group=$(systemctl show -P Group "$unit")
  systemd-run --quiet --wait --pipe --collect --uid="$as" --gid="$group" -p EnvironmentFile="$environment" \
    -p WorkingDirectory="$directory" -E DJANGO_SUPERUSER_PASSWORD "$@"
}
manage() { run_as "$user" $manage "$@"; }

# answers STATUS [URL]: as the front serves it under the site's name.
answers() { [ "$(status_of -H "Host: $host" "${2:-$url}")" = "$1" ]; }
broken_page() { answers 500 || answers 502 || answers 503; }
unserved() { ! answers 200 "$static_url"; }

# edit FILE EXPRESSION: sed, which must change something.
edit() {
  local old; old=$(mktemp)
  cp "$1" "$old"
  sed -i "$2" "$1"
  ! cmp -s "$old" "$1" || fail "sed '$2' changed nothing in $1"
  rm "$old"
}

# restart_front: and what it read last is what it serves.
restart_front() { systemctl restart "$front"; until_true 10 eval '! answers 000'; }

# holds_connections: the application has answered once, as a site in use has.
visit() { until_true 20 answers 200; }

# crash_or_broken: restarts it with what it cannot run with; it fails, or its pages do.
crash_or_broken() {
  systemctl restart --no-block "$unit"
  until_true 40 eval 'waits_for_retry || { is ActiveState active && broken_page; }'
}
