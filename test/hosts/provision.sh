# Runs in the root of the host before its first boot.

secret() { head -c 30 /dev/urandom | base64 | tr '+/' '-_'; }

# Made anew at every build: nothing of it is in the repository. A role's password is kept for the one who makes the role.
install -d -m 0700 /root/passwords
places='/etc/bakery /etc/graphite /home/sammy /srv/beacon /var/www/ledger /var/lib/wims-lti/wimsLTI'
for file in $(grep -rlE '@(secret|password-[a-z_]+)@' $places); do
  while grep -q '@secret@' "$file"; do sed -i "0,/@secret@/s//$(secret)$(secret)/" "$file"; done
  role=$(sed -n "s/.*@password-\([a-z_]*\)@.*/\1/p" "$file")
  [ -z "$role" ] && continue
  secret > "/root/passwords/$role"
  sed -i "s/@password-$role@/$(cat "/root/passwords/$role")/" "$file"
done

# However tight the umask was under which the repository was checked out.
chmod -R go+rX,go-w /etc/bakery /etc/graphite /etc/systemd/system /opt/bakery /srv/beacon /var/www/ledger /home/sammy

# Each boot starts what one deployment needs.
find /etc/systemd/system -type l -lname '*/lib/systemd/system/*' ! -name postgresql.service -delete
for unit in phpsessionclean.timer graphite_build_search_index.timer; do ln -sfn /dev/null "/etc/systemd/system/$unit"; done

# Debian's own applications: what this machine changes goes where their authors say.
cat /etc/graphite/site.py >> /etc/graphite/local_settings.py
cat /var/lib/wims-lti/wimsLTI/site.py >> /var/lib/wims-lti/wimsLTI/config.py
rm /etc/graphite/site.py /var/lib/wims-lti/wimsLTI/site.py
chgrp lti /var/lib/wims-lti/wimsLTI/config.py
chmod 0640 /var/lib/wims-lti/wimsLTI/config.py
rm -f /var/lib/wims-lti/db.sqlite3

# Users, and what belongs to them.
useradd --system --create-home --home-dir /home/bakery --shell /usr/sbin/nologin bakery
useradd --system --no-create-home --home-dir /srv/beacon --shell /usr/sbin/nologin beacon
useradd --no-create-home --home-dir /home/sammy --shell /bin/bash sammy
chmod 0755 /home/sammy

# The site packages of a venv that was filled from a package index.
filled() {
  local packages; packages=$(echo "$1"/lib/python3.*/site-packages)
  (cd /usr/lib/python3/dist-packages && cp -aL django django-[0-9]* asgiref asgiref-* sqlparse sqlparse-* gunicorn gunicorn-* \
    packaging packaging-* psycopg2 psycopg2-* "$packages")
}
# The script that pip writes for gunicorn.
console_script() {
  sed "1s,.*,#!$1/bin/python," /usr/bin/gunicorn > "$1/bin/gunicorn"
  chmod 0755 "$1/bin/gunicorn"
}
python3 -m venv --without-pip --system-site-packages /opt/bakery/venv
console_script /opt/bakery/venv
python3 -m venv --without-pip /home/sammy/myproject/venv
filled /home/sammy/myproject/venv
console_script /home/sammy/myproject/venv

install -d /opt/bakery/bakery/media/cakes /home/sammy/myproject/media
chown -R bakery:bakery /opt/bakery
chown -R sammy:sammy /home/sammy
chown root:bakery /etc/bakery/bakery.env
chmod 0640 /etc/bakery/bakery.env

mv /srv/beacon/env /srv/beacon/.env
chown root:beacon /srv/beacon/.env
chmod 0640 /srv/beacon/.env
install -d -o beacon -g beacon /var/lib/beacon /var/lib/beacon/assets /var/lib/beacon/uploads /var/log/beacon

install -d -m 0750 -g www-data /etc/ledger
printf "%s\n" "$(secret)$(secret)" > /etc/ledger/secret_key
chown root:www-data /var/www/ledger/ledger/local_settings.py /etc/ledger/secret_key
chmod 0640 /var/www/ledger/ledger/local_settings.py /etc/ledger/secret_key
install -d -o www-data -g www-data /var/www/ledger/collected /var/www/ledger/receipts

for tree in /opt/bakery/config /opt/bakery/bakery /home/sammy/myproject /srv/beacon /var/www/ledger; do
  python3 -m compileall -q "$tree"
done
chown -R --reference=/opt/bakery /opt/bakery/config /opt/bakery/bakery
chown -R --reference=/home/sammy /home/sammy/myproject

# Fronts; mod_wsgi, which the package's own site wants, is not there.
rm -f /etc/nginx/sites-enabled/default
for site in graphite-web wims-lti bakery myproject intranet; do
  ln -s "/etc/nginx/sites-available/$site" "/etc/nginx/sites-enabled/$site"
done
a2dissite -q wims-lti-django
a2enmod -q proxy proxy_http
a2ensite -q ledger
