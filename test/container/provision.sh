# Runs in a host's root before its first boot, before what that host does itself.

for unit in getty.target console-getty.service systemd-logind.service e2scrub_reap.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer systemd-update-utmp.service systemd-networkd.service \
  systemd-networkd.socket systemd-resolved.service systemd-userdbd.socket; do
  ln -sfn /dev/null "/etc/systemd/system/$unit"
done

# A machine without an identity would take every boot for its first and enable what Debian presets.
head -c 16 /dev/urandom | od -An -tx1 | tr -d " \n" > /etc/machine-id
echo >> /etc/machine-id

chmod 1777 /dev/shm

# The checkout and its Node are bound there.
mkdir -p /opt/prism-doctor /opt/node/bin
touch /opt/node/bin/node
cat > /usr/local/bin/prism-doctor <<'END'
#!/bin/sh
exec /opt/node/bin/node /opt/prism-doctor/bin/run.js "$@"
END
chmod 0755 /usr/local/bin/prism-doctor
