# Runs once on the machine, for each deployment: as its administrator installs it.

password=
[ -e "/root/passwords/$role" ] && password="PASSWORD '$(cat "/root/passwords/$role")'"
sql "CREATE ROLE $role LOGIN $password"
sql "CREATE DATABASE $database OWNER $role ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
for needed in $enabled; do
  case $needed in "$unit" | *.socket) ;; *) systemctl start "$needed" ;; esac
done
umask 077
head -c 30 /dev/urandom | base64 > "/root/passwords/admin-$name"
umask 022
export DJANGO_SUPERUSER_PASSWORD; DJANGO_SUPERUSER_PASSWORD=$(cat "/root/passwords/admin-$name")
manage migrate --noinput -v 0
# From a shell of that user, whose group need not be the unit's.
run_as "$collected_by" "$(id -gn "$collected_by")" $manage collectstatic --noinput -v 0
manage createsuperuser --noinput --username=admin --email=admin@$host
