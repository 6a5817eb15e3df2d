import {expect, test} from 'vitest'
import {activity} from '../../src/fix/activity.ts'
import {change, run, runAs} from '../../src/report/step.ts'

test.each([
  [run('systemctl', 'restart', 'x.service'), 'restarting x.service'],
  [run('systemctl', 'daemon-reload'), 'reloading the units'],
  [run('systemctl', 'daemon-reexec'), 'running systemctl daemon-reexec'],
  [
    runAs({name: 'x.service'}, 'manage', 'migrate', '--noinput'),
    'running manage migrate --noinput as x.service',
  ],
  [run('createdb', 'a b'), "running createdb 'a b'"],
  [change({kind: 'aside', path: '/srv/x', suffix: 'old'}, 'mv'), 'moving aside /srv/x'],
])('%o', (step, said) => expect(activity(step)).toBe(said))
