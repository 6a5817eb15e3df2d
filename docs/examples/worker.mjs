/** Checks of this host: does the Celery worker run, and does its clock tick? */

const unit = 'prism-celery-worker.service'
const schedule = 'celerybeat-schedule'

/** Seconds: celery beat writes its schedule at least every three minutes. */
const late = 600

const look = {
  summary: 'See why the worker does not run, and start it',
  steps: [
    {shell: `journalctl -u ${unit} -n 50`, argv: null},
    {shell: `sudo systemctl restart ${unit}`, argv: null},
  ],
}

const deploy = {
  summary: 'Deploy the worker',
  steps: [{shell: `systemctl cat ${unit}`, argv: null}],
}

export const checks = [
  {
    id: 'worker/active',
    title: 'The Celery worker runs',
    explanation: {
      why: 'Without a worker nobody sends the mails that the application promises.',
      asks: `What systemd says of ${unit}.`,
      findings: {
        missing: {
          means: 'systemd has no such unit.',
          remedy: 'Deploy the worker, or correct the name of the unit in this check.',
        },
        stopped: {
          means: 'The unit is there and does not run.',
          remedy: 'Read its journal, then start it.',
        },
      },
      mistakenFor: 'A worker that is just being started is not stopped.',
    },
    needs: ['service/unit'],
    async run({host}) {
      const [shown] = await host.units([unit], ['LoadState', 'ActiveState', 'Result'])
      const {LoadState = '', ActiveState = '', Result = ''} = shown
      if (LoadState !== 'loaded')
        return {
          code: 'missing',
          status: 'critical',
          message: `systemd has no unit ${unit} (${LoadState})`,
          remedy: deploy,
        }
      if (!['active', 'activating', 'reloading'].includes(ActiveState))
        return {
          code: 'stopped',
          status: 'critical',
          message: `${unit} is ${ActiveState}`,
          evidence: [`ActiveState=${ActiveState}`, `Result=${Result}`],
          remedy: look,
        }
      return {code: 'ok', status: 'ok', message: `${unit} is ${ActiveState}`}
    },
    // Compared with how it was when all was well: what changes by itself does not belong here.
    async facts({host}) {
      const wanted = ['FragmentPath', 'User', 'MemoryMax', 'Restart']
      const [shown] = await host.units([unit], wanted)
      return [
        ...wanted
          .filter(name => name in shown)
          .map(name => ({name, source: 'systemctl show', value: shown[name]})),
        {whole: ''},
      ]
    },
  },
  {
    id: 'worker/clock',
    title: "The worker's clock ticks",
    explanation: {
      why: 'What should happen every night happens only while celery beat runs.',
      asks: `When ${schedule} in the state directory was last written.`,
      findings: {
        late: {
          means: 'Celery beat has not written its schedule for ten minutes.',
          remedy: 'Restart the worker.',
          // The worker may have been kept from it by something else.
          kind: 'symptom',
        },
      },
      mistakenFor: 'Before the first start of celery beat there is no schedule, which is fine.',
    },
    needs: ['worker/active'],
    async run({host, target}) {
      if (target.stateDirectory === null) throw new Error('no state directory is known')
      const stat = await host.stat(`${target.stateDirectory}/${schedule}`)
      if (stat === null) return {code: 'ok', status: 'ok', message: 'there is no schedule yet'}
      const age = Math.round((host.now() - stat.mtime) / 1000)
      const metrics = [
        {name: 'schedule_age', value: age, unit: 'seconds', direction: 'above', warning: late},
      ]
      if (age > late)
        return {
          code: 'late',
          status: 'warning',
          message: `${schedule} was last written ${Math.round(age / 60)} min ago`,
          metrics,
          remedy: look,
        }
      return {code: 'ok', status: 'ok', message: `${schedule} was written ${age} s ago`, metrics}
    },
  },
]
