import {type Fault, fault} from '../../container/fault.ts'

/** The environment file, as systemd reads it. */
export const secrets: readonly Fault[] = [
  fault('secrets-missing', 'The secrets were not decrypted', {
    inject:
      'systemctl mask --runtime sops-install-secrets; rm -r /run/secrets /run/secrets.d; crash_app',
    broken: 'waits_for_retry && is Result resources',
    expect: {exit: 2, rootCauses: ['secrets/file'], message: /\/run\/secrets\/prism-env/},
  }),
  fault('secrets-not-decrypted', 'No key of the machine decrypts the secrets', {
    inject: `
      object=$(store_path sops-install-secrets); mkdir -p $object/bin
      printf '%s\\n' '#!/bin/sh' \\
        "echo \\"sops-install-secrets: failed to decrypt '/nix/store/x-secrets.yaml': Error getting data key: 0 successful groups required, got 0\\" >&2" \\
        'exit 1' > $object/bin/sops-install-secrets
      chmod 0555 $object/bin/*; seal $object
      edit_unit "s,^ExecStart=.*,ExecStart=$object/bin/sops-install-secrets," sops-install-secrets.service
      rm -r /run/secrets /run/secrets.d
      ! systemctl restart sops-install-secrets.service
      crash_app`,
    broken:
      'waits_for_retry && is Result resources && logged "Error getting data key" sops-install-secrets.service',
    expect: {
      exit: 2,
      rootCauses: ['secrets/file'],
      message: /no key of this machine decrypts .*secrets\.yaml/,
    },
  }),
  fault('secrets-world-readable', 'Everybody can read the secrets', {
    inject:
      'chmod 0755 /run/secrets.d; chmod 0755 /run/secrets/; chmod 0444 /run/secrets/prism-env',
    broken: 'setpriv --reuid=nobody --clear-groups cat /run/secrets/prism-env >/dev/null',
    expect: {
      exit: 1,
      rootCauses: ['secrets/file'],
      message: /prism-env.*\b0?444\b|\b0?444\b.*prism-env/,
    },
  }),
  fault('secrets-directory', 'A directory lies where the file should', {
    inject: 'rm /run/secrets/prism-env; mkdir /run/secrets.d/1/prism-env; crash_app',
    broken: 'waits_for_retry && is Result resources',
    expect: {exit: 2, rootCauses: ['secrets/file'], message: /prism-env is a directory/},
  }),
  fault('secrets-export', 'A line begins with export, as a shell would have it', {
    inject: `edit_secrets 's/^SECRET_KEY/export SECRET_KEY/'; crash_app`,
    broken: 'waits_for_retry && logged "SECRET_KEY not found"',
    expect: {exit: 2, rootCauses: ['secrets/file'], message: /export/},
  }),
  fault('secrets-unterminated-quote', 'A quote that is not closed swallows the lines after it', {
    inject: `edit_secrets 's/^SECRET_KEY=/&"/'; crash_app`,
    broken: 'waits_for_retry',
    expect: {exit: 2, rootCauses: ['secrets/file'], message: /quote/},
  }),
  fault('secrets-not-utf8', 'A value is not UTF-8: systemd does not start the unit', {
    inject: `edit_secrets '$ a NOTE=caf\\xe9'; crash_app`,
    broken: 'waits_for_retry && is Result resources',
    expect: {exit: 2, rootCauses: ['secrets/file'], message: /UTF-8/i},
  }),
  fault('secrets-bom', 'A byte order mark before the first line loses its variable', {
    inject: `edit_secrets '1s/^/\\xef\\xbb\\xbf/'; crash_app`,
    broken: 'waits_for_retry && logged "SECRET_KEY not found"',
    expect: {exit: 2, rootCauses: ['secrets/file'], message: /byte order mark/},
  }),
  fault('secret-key-empty', 'SECRET_KEY is set to nothing', {
    inject: `edit_secrets 's/^SECRET_KEY=.*/SECRET_KEY=/'; crash_or_broken_app`,
    broken: '! answers 200 http://127.0.0.1:8000/accounts/login/',
    expect: {exit: 2, rootCauses: ['secrets/keys'], message: /SECRET_KEY/},
  }),
  fault('password-missing', 'The secrets hold no POSTGRES_PASSWORD', {
    inject: `edit_secrets '/^POSTGRES_PASSWORD=/d'; crash_app`,
    broken: 'waits_for_retry && logged "no password supplied"',
    expect: {exit: 2, rootCauses: ['secrets/keys'], message: /POSTGRES_PASSWORD/},
  }),
  fault(
    'secrets-changed-not-restarted',
    'The secrets were rotated and the service still has the old ones',
    {
      inject: `edit_secrets 's/^SECRET_KEY=.*/&rotated/'`,
      broken:
        '! tr "\\0" "\\n" < /proc/$(main_pid)/environ | grep -xF "$(grep ^SECRET_KEY= /run/secrets/prism-env)" && answers 200',
      expect: {exit: 1, rootCauses: ['secrets/keys'], message: /SECRET_KEY/},
    },
  ),
  fault('optional-secrets-missing', 'The secrets may be absent (EnvironmentFile=-), and are', {
    inject: `
      edit_unit 's,^EnvironmentFile=,&-,'
      rm /run/secrets/prism-env
      crash_app`,
    broken: 'waits_for_retry && logged "SECRET_KEY not found"',
    expect: {exit: 2, rootCauses: ['secrets/keys'], message: /SECRET_KEY/},
  }),
  fault(
    'email-password-misspelt',
    'The secrets say EMAIL_PASSWORD where the settings read EMAIL_HOST_PASSWORD',
    {
      inject: `edit_secrets '$ a EMAIL_HOST_USER=prism\\nEMAIL_PASSWORD=unused'; restart_app`,
      broken: 'answers 200',
      expect: {exit: 1, rootCauses: ['secrets/keys'], message: /EMAIL_PASSWORD/},
    },
  ),
]
