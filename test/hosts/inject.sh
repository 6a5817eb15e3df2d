# What a fault of these deployments is written with, beside container/inject.sh; the driver sets the variables of
# deployments.ts before it. Changes go the way that they go on a Debian host: files are edited where they are.

# run_as USER GROUP COMMAND…: in the unit's environment and its project's directory.
run_as() {
  local as=$1 group=$2; shift 2
  systemd-run --quiet --wait --pipe --collect --uid="$as" --gid="$group" -p EnvironmentFile="$environment" \
    -p WorkingDirectory="$directory" -E DJANGO_SUPERUSER_PASSWORD "$@"
}
group() { systemctl show -P Group "$unit"; }
manage() { run_as "$user" "$(group)" $manage "$@"; }

# answers STATUS [PATH]: as the front serves it under the site's name.
answers() { [ "$(status_of -H "Host: $host" "http://127.0.0.1${2:-$page}")" = "$1" ]; }
# What a front says of an application that is not there; 500 is the application's own.
unreachable() { answers 502 || answers 503 || answers 000; }
broken_page() { answers 500; }
# Where an exception leaves Django, uwsgi says nothing, and nginx 502.
broken_app() { waits_for_retry || broken_page || { answers 502 && logged Traceback; }; }
unserved() { ! answers 200 "$static_url"; }

# restart_app: and it answers, whatever it says.
restart_app() { systemctl restart "$unit"; until_true 20 eval '! unreachable'; }

# crash_app: restarts it, which fails, sooner or (Type=simple) later, and leaves it waiting for its next try.
crash_app() { systemctl restart --no-block "$unit"; until_true 40 waits_for_retry; }

# crash_or_broken_app: with what it fails at, when it starts or when it is asked; that differs between servers.
crash_or_broken_app() {
  systemctl restart --no-block "$unit"
  until_true 40 broken_app
}

# edit FILE EXPRESSION: sed in place, which must change something.
edit() {
  local old; old=$(mktemp)
  cp "$1" "$old"
  sed -i "$2" "$1"
  ! cmp -s "$old" "$1" || fail "sed '$2' changed nothing in $1"
  rm "$old"
}

# edit_front EXPRESSION: the site's file, and the front running with it.
edit_front() { edit "$site" "$1"; systemctl reload "$front"; }

# add_migration NAME OPERATION: a new version of the application brings it, and nobody applies it.
add_migration() {
  local last file=$application/migrations/$1.py
  last=$(basename "$(ls "$application"/migrations/0*.py | tail -n 1)" .py)
  cat > "$file" <<END
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('$label', '$last')]
    operations = [$2]
END
  chown --reference="$application/models.py" "$file"
}
pending() { ! manage migrate --check; }

# take_port PORT: another program listens there, and the application does not.
take_port() {
  systemctl stop "$unit"
  systemd-run --quiet --unit=squatter python3 -m http.server --bind 127.0.0.1 "$1"
  until_true 10 eval '[ "$(status_of "http://127.0.0.1:'"$1"'/")" = 200 ]'
}

# may_write PATH: the service's user.
may_write() { setpriv --reuid="$user" --regid="$(group)" --init-groups test -w "$1"; }

# style_sheet: the path of the first one that the page names.
style_sheet() { curl -s -H "Host: $host" "http://127.0.0.1$page" | grep -o '/[^"]*css' | head -n 1; }
