import {type Fault, fault} from '../../container/fault.ts'

/** A module that urls.py imports does this. */
const importing = (python: string): string => `
      edit_package sh -c 'cat > lighthouse/lens.py; sed -i "1i import lighthouse.lens" prism/urls.py' <<'EOF'
${python}
EOF`

/** Root can, and the service cannot; it does not start. */
const shut = (name: string, title: string, inject: string, message: RegExp): Fault =>
  fault(`who-${name}`, title, {
    inject: `${inject}
      systemctl restart --no-block $unit
      until_true 40 waits_for_retry`,
    broken: 'waits_for_retry && ! answers 200',
    expect: {exit: 2, rootCauses: ['service/access'], message},
  })

const reads = importing("with open('/srv/keys/lens.key') as file:\n    file.readline()")

/** systemd cannot execute the program before the start. */
const unusable = (name: string, title: string, makes: string, message: RegExp): Fault =>
  fault(`start-${name}`, title, {
    inject: `
      mkdir -p /srv/tools; ${makes}; chmod 0755 /srv/tools /srv/tools/prepare
      edit_unit 's,^ExecStartPre=.*,ExecStartPre=/srv/tools/prepare,'
      systemctl restart --no-block $unit
      until_true 40 waits_for_retry`,
    broken: 'waits_for_retry && ! answers 200',
    expect: {exit: 2, rootCauses: ['service/package'], message},
  })

/** The application is well, and its server refuses what it is told. */
const refusing = (name: string, title: string, told: string, message: RegExp): Fault =>
  fault(`start-${name}`, title, {
    inject: `
      edit_package sh -c 'printf "%s\\n" "$1" >> gunicorn.conf.py' - '${told}'
      systemctl restart --no-block $unit
      until_true 60 waits_for_retry`,
    broken: 'waits_for_retry && ! answers 200',
    expect: {exit: 2, rootCauses: ['service/active'], message},
  })

/** What the service cannot open and root can, whatever program stumbles over it. */
export const who: readonly Fault[] = [
  shut(
    'directory',
    'A key lies in a directory that only root may pass',
    `
      install -D -m 0644 /dev/null /srv/keys/lens.key; chmod 0700 /srv/keys${reads}`,
    /prism may not pass \/srv\/keys, which \/srv\/keys\/lens\.key needs: it belongs to root:root, mode 0700/,
  ),
  shut(
    'group',
    'A key belongs to a group that the service is not in',
    `
      groupadd --system lamps; install -D -m 0640 -g lamps /dev/null /srv/keys/lens.key${reads}`,
    /prism may not read \/srv\/keys\/lens\.key: .*root:lamps, mode 0640, and the service is not in the group lamps/,
  ),
  shut(
    'mask',
    'chmod has changed the mask of an access control list',
    `
      install -D -m 0600 /dev/null /srv/keys/lens.key
      setfacl -m u:prism:r /srv/keys/lens.key; chmod 0600 /srv/keys/lens.key${reads}`,
    /prism may not read \/srv\/keys\/lens\.key: its access control list admits .* the mask/,
  ),
  shut(
    'module',
    'A library was installed by root with a umask of 077: Python calls it missing',
    `
      install -D -m 0644 /dev/null /opt/lamps/lamps/bulb.py; chmod 0700 /opt/lamps/lamps
      add_to_unit Environment=PYTHONPATH=/opt/lamps${importing('import lamps.bulb')}`,
    /prism may not read \/opt\/lamps\/lamps: it belongs to root:root, mode 0700/,
  ),
  shut(
    'library',
    'The directory of the libraries is closed to the service',
    `
      install -D -m 0644 /dev/null /opt/lamps/lamps.py; chmod 0700 /opt/lamps
      add_to_unit Environment=PYTHONPATH=/opt/lamps${importing('import lamps')}`,
    /prism may not read \/opt\/lamps: it belongs to root:root, mode 0700/,
  ),
  shut(
    'script',
    'A program of the script before the start says it in its own words',
    `
      install -D -m 0600 /dev/null /srv/keys/banner
      edit_pre_start '2i cat /srv/keys/banner'`,
    /prism may not read \/srv\/keys\/banner: .*root:root, mode 0600/,
  ),
  shut(
    'missing-in-words',
    'A program looks whether a file is there, and calls it missing',
    `
      install -D -m 0644 /dev/null /srv/keys/lens.key; chmod 0700 /srv/keys${importing("import os\n\nif not os.path.exists('/srv/keys/lens.key'):\n    raise RuntimeError('no lens: /srv/keys/lens.key does not exist')")}`,
    /prism may not pass \/srv\/keys, which \/srv\/keys\/lens\.key needs/,
  ),
  shut(
    'noexec',
    'The program before the start lies on a volume that executes nothing',
    `
      mkdir -p /srv/tools; mount -t tmpfs -o noexec,mode=0755 tools /srv/tools
      install -m 0755 "$pre_start" /srv/tools/prepare
      edit_unit 's,^ExecStartPre=.*,ExecStartPre=/srv/tools/prepare,'`,
    /prism may not execute \/srv\/tools\/prepare: it lies on \/srv\/tools, which is mounted with noexec/,
  ),
  shut(
    'interpreter',
    'The interpreter of the script before the start lies where only root may go',
    `
      install -D -m 0755 "$(command -v bash)" /opt/private/bin/bash; chmod 0700 /opt/private
      mkdir -p /srv/tools; sed '1s,.*,#!/opt/private/bin/bash -e,' "$pre_start" > /srv/tools/prepare
      chmod 0755 /srv/tools /srv/tools/prepare
      edit_unit 's,^ExecStartPre=.*,ExecStartPre=/srv/tools/prepare,'`,
    /prism may not pass \/opt\/private, which \/opt\/private\/bin\/bash needs/,
  ),
  fault('who-certificate', "The server's key belongs to root: what it says names no file", {
    inject: `
      openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=prism -days 2 -keyout /etc/prism.key -out /etc/prism.crt 2>/dev/null
      chmod 0600 /etc/prism.key; chmod 0644 /etc/prism.crt
      edit_package sh -c 'printf "certfile = \\"/etc/prism.crt\\"\\nkeyfile = \\"/etc/prism.key\\"\\n" >> gunicorn.conf.py'
      restart_app; answers 000 || true`,
    broken: 'answers 000 && logged "Permission denied"',
    expect: {
      exit: 2,
      rootCauses: ['service/access'],
      message: /prism may not read \/etc\/prism\.key: it belongs to root:root, mode 0600/,
    },
  }),
  fault('who-older-groups', 'The service was put into a group and not restarted', {
    inject: `
      groupadd --system lamps; install -D -m 0640 -g lamps /dev/null /srv/keys/lens.key
      edit_package sh -c 'cat > lighthouse/lens.py; sed -i "s/^urlpatterns = \\[/from lighthouse.lens import lens\\n\\n&\\n    path(\\"lens\\/\\", lens),/" prism/urls.py' <<'EOF'
import logging

from django.http import HttpResponse

logging.getLogger('django.request').addHandler(logging.StreamHandler())


def lens(request):
    with open('/srv/keys/lens.key') as file:
        return HttpResponse(file.read())
EOF
      restart_app; usermod -aG lamps prism; answers 500 http://127.0.0.1:8000/lens/`,
    broken: 'answers 500 http://127.0.0.1:8000/lens/ && logged "Permission denied"',
    expect: {
      exit: 1,
      rootCauses: ['service/access'],
      message: /running process of \S+ is not in lamps, and so may not open \/srv\/keys\/lens\.key/,
    },
  }),
  fault(
    'who-not-meant',
    'Something was refused on the way, and the start fails for another reason',
    {
      inject: `
      install -D -m 0600 /dev/null /srv/keys/banner
      edit_pre_start '2i cat /srv/keys/banner || true'${importing('import whitenose')}
      crash_app`,
      broken: `waits_for_retry && logged "No module named 'whitenose'" && logged 'banner: Permission denied'`,
      expect: {exit: 2, rootCauses: ['app/settings'], message: /No module named 'whitenose'/},
    },
  ),
  fault('healthy-refused-unneeded', 'A program says that it was refused something, and goes on', {
    inject: `
      install -D -m 0600 /dev/null /srv/keys/banner
      edit_pre_start '2i cat /srv/keys/banner || true'${importing("try:\n    open('/srv/keys/banner')\nexcept OSError as error:\n    print(error)")}
      restart_app`,
    broken: 'is ActiveState active && answers 200 && logged "Permission denied"',
    expect: {exit: 0, rootCauses: []},
  }),
  unusable(
    'windows',
    'The script before the start was saved with the line ends of Windows',
    `sed 's/$/\\r/' "$pre_start" > /srv/tools/prepare`,
    /\/srv\/tools\/prepare, which has the line ends of Windows/,
  ),
  unusable(
    'without-interpreter',
    'The script before the start has no first line with its interpreter',
    `sed 1d "$pre_start" > /srv/tools/prepare`,
    /\/srv\/tools\/prepare, which names no interpreter/,
  ),
  unusable(
    'architecture',
    'The program before the start was built for another machine',
    `cp "$(type -P true)" /srv/tools/prepare
      printf '\\267\\000' | dd of=/srv/tools/prepare bs=1 seek=18 conv=notrunc 2>/dev/null`,
    /\/srv\/tools\/prepare, which is a program for aarch64, and this machine is x86_64/,
  ),
  unusable(
    'loader',
    'The program before the start was built for another distribution',
    `sed 's,/lib64/ld-linux-x86-64.so.2,/lib64/ld-elsewhere-x6.so.2,' "$(type -P true)" > /srv/tools/prepare`,
    /\/srv\/tools\/prepare, which is loaded by \/lib64\/ld-elsewhere-x6\.so\.2, which does not exist/,
  ),
  fault('reload-unusable', 'ExecReload= names a program that is gone', {
    inject: 'add_to_unit ExecReload=/usr/local/bin/reload-prism; restart_app',
    broken: 'answers 200 && ! systemctl reload $unit 2>/dev/null',
    expect: {
      exit: 1,
      rootCauses: ['service/package'],
      message: /ExecReload= of \S+ names \/usr\/local\/bin\/reload-prism, which does not exist/,
    },
  }),
  refusing(
    'worker-class',
    'The class of the workers is not installed',
    'worker_class = "uvicorn_worker.Nowhere"',
    /worker class uvicorn_worker\.Nowhere cannot be imported: .*No module named 'uvicorn_worker'/,
  ),
  refusing(
    'address',
    'The server is told to listen where this machine has no interface',
    'bind = "198.51.100.7:8000"',
    /198\.51\.100\.7:8000: \[Errno 99\] .*no interface here has it/,
  ),
  refusing(
    'certificate',
    'The certificate of the server is not there',
    'certfile = "/etc/ssl/prism.crt"',
    /is told to use \/etc\/ssl\/prism\.crt, and does not find it/,
  ),
  fault('healthy-reload', 'A unit that is reloaded by a signal, and scripts without surprises', {
    inject: `
      mkdir -p /srv/tools; cp "$pre_start" /srv/tools/prepare; chmod 0755 /srv/tools /srv/tools/prepare
      edit_unit "s,^ExecStartPre=.*,ExecStartPre=/srv/tools/prepare,; /^WorkingDirectory=/a ExecReload=/bin/kill -s HUP \\$MAINPID"
      restart_app; systemctl reload $unit`,
    broken: 'is ActiveState active && answers 200',
    expect: {exit: 0, rootCauses: []},
  }),
]
