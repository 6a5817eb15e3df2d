import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {run} from '../container/container.ts'
import {repository} from '../container/paths.ts'
import type {Trial} from '../container/trials.ts'
import {queriesOf} from '../readers/dashboard.ts'
import {adjust, install} from './installed-unit.ts'
import {comes, startNagios, startPrometheus, taking} from './readers.ts'
import {shell} from './shell.ts'
import {bootFor} from './test.ts'

const unit = 'prism-doctor.service'

/** As docs/monitoring.md has it; the timer every three seconds in place of five minutes. */
async function watched(instance: number): Promise<void> {
  await bootFor(instance, undefined)
  await install(instance)
  await adjust(instance, 'prism-doctor.timer', [
    '[Timer]',
    'OnCalendar=',
    'OnCalendar=*:*:0/3',
    'RandomizedDelaySec=0',
  ])
}

const sicken = (instance: number): Promise<string> =>
  shell(instance, 'systemctl stop postgresql.service')

const heal = (instance: number): Promise<string> =>
  shell(instance, 'systemctl start postgresql.service prism-django.service')

const dashboard = join(repository, 'packaging/monitoring/grafana-dashboard.json')

/** The queries that find nothing. */
async function without(
  queries: readonly string[],
  count: (query: string) => Promise<number>,
): Promise<readonly string[]> {
  const found = await Promise.all(queries.map(count))
  return queries.filter((_, at) => found[at] === 0)
}

const prometheus: Trial = {
  name: 'read-by-prometheus',
  async attempt(instance) {
    await watched(instance)
    await shell(instance, `systemctl start ${unit} prism-doctor.timer`)
    await taking(async taken => {
      const {alerts, count} = await startPrometheus(instance, taken)
      const firing = async () => (await alerts()).filter(({state}) => state === 'firing')
      await comes(
        'the metrics of a healthy machine',
        () => count('prism_doctor_status{unit="prism-django.service",status="ok"} == 1'),
        found => found === 1,
      )
      if ((await count('node_textfile_scrape_error == 0')) !== 1)
        throw new Error('node_exporter could not read a file')
      // A run and an evaluation later nothing fires.
      await comes(
        'another run',
        () => count('changes(prism_doctor_last_run_timestamp_seconds[1m]) > 0'),
        found => found === 1,
      )
      const early = await firing()
      if (early.length > 0) throw new Error(`a healthy machine alerts: ${JSON.stringify(early)}`)

      const silent = await without(queriesOf(readFileSync(dashboard, 'utf8')), count)
      await sicken(instance)
      const [alert] = await comes('an alert', firing, found => found.length > 0)
      const {alertname, severity, unit: about} = alert?.labels ?? {}
      if (
        `${alertname} ${severity} ${about}` !== 'PrismDoctorCritical critical prism-django.service'
      )
        throw new Error(`it alerts otherwise: ${JSON.stringify(alert)}`)
      if (alert?.annotations.description !== 'Cause: database/server ')
        throw new Error(`the alert says ${alert?.annotations.description}`)

      // What is not there of a sick machine (its database says nothing) is there of a healthy one.
      const never = await without(silent, count)
      if (never.length > 0)
        throw new Error(`the dashboard asks for what is not there: ${never.join('\n')}`)
    })
  },
}

const nagios: Trial = {
  name: 'read-by-nagios',
  async attempt(instance) {
    await watched(instance)
    await shell(
      instance,
      `useradd --system --shell /bin/sh nagios
      install -m 0440 /opt/prism-doctor/packaging/monitoring/nagios/prism-doctor.sudoers /etc/sudoers.d/prism-doctor
      visudo -cqf /etc/sudoers.d/prism-doctor`,
    )
    for (const more of ['--fix', '--format json', '--format nagios --config /tmp/x'])
      if (
        (
          await run(instance, [
            'runuser',
            '-u',
            'nagios',
            '--',
            'sh',
            '-c',
            `sudo -n /usr/bin/prism-doctor ${more}`,
          ])
        ).exitCode !== 1
      )
        throw new Error(`the user of the monitor may run ${more}`)
    await taking(async taken => {
      const status = await startNagios(instance, taken)
      const well = await comes('OK', status, found => found?.has_been_checked === '1')
      if (well?.current_state !== '0' || !/^DOCTOR OK: /.test(well.plugin_output))
        throw new Error(`Nagios has ${JSON.stringify(well)}`)
      if (!/\btime=[\d.]+s\b.* connections=\d+;/.test(well.performance_data))
        throw new Error(`Nagios has the performance data ${well.performance_data}`)
      await sicken(instance)
      const sick = await comes('CRITICAL', status, found => found?.current_state === '2')
      const {stdout} = await run(instance, ['prism-doctor', '--format', 'nagios'])
      // Nagios has no semicolon outside of performance data (its process_check_result).
      const first = (stdout.split(' | ')[0] ?? '').replaceAll(';', ':')
      if (!/^DOCTOR CRITICAL: localhost:5432 refuses/.test(first) || sick?.plugin_output !== first)
        throw new Error(`we say ${first}, Nagios has ${JSON.stringify(sick)}`)
      await heal(instance)
      await comes('OK again', status, found => found?.current_state === '0')
    })
  },
}

const mail: Trial = {
  name: 'told-by-mail',
  async attempt(instance) {
    await watched(instance)
    await shell(
      instance,
      `from=/opt/prism-doctor/packaging/monitoring/mail
      install -m 0755 $from/prism-doctor-mail /usr/local/bin
      cp $from/*@.service /etc/systemd/system
      mkdir -p /etc/systemd/system/prism-doctor.service.d /run/mails
      cp $from/mail.conf /etc/systemd/system/prism-doctor.service.d
      printf '#!/bin/sh\\n[ "$1" = -t ] && cat > $(mktemp /run/mails/$(date +%%s%%N).XXXX)\\n' > /usr/sbin/sendmail
      printf '#!/bin/sh\\necho no route to the post office >&2; exit 75\\n' > /usr/sbin/sendmail.down
      chmod 0755 /usr/sbin/sendmail*
      systemctl daemon-reload`,
    )
    const subjects = async (): Promise<string> =>
      (await run(instance, ['sh', '-c', 'cat /run/mails/* 2>/dev/null | grep ^Subject:'])).stdout
    const runs = async (times: number): Promise<void> => {
      for (let each = 0; each < times; each += 1)
        await shell(
          instance,
          `systemctl start ${unit} || true
          until [ -z "$(systemctl list-units --no-legend --state=activating 'prism-doctor-mail*')" ]; do sleep 0.1; done
          [ -z "$(systemctl list-units --no-legend --failed 'prism-doctor-mail*')" ]`,
        )
    }
    await runs(2)
    if ((await subjects()) !== '') throw new Error(`a healthy machine mails ${await subjects()}`)
    await sicken(instance)
    await shell(
      instance,
      `mv /usr/sbin/sendmail /usr/sbin/sendmail.up; cp /usr/sbin/sendmail.down /usr/sbin/sendmail
      systemctl start ${unit} || true
      until systemctl is-failed -q prism-doctor-mail@${unit}.service; do sleep 0.1; done
      journalctl --sync; journalctl -q -u prism-doctor-mail@${unit}.service | grep -q 'no route to the post office'
      mv /usr/sbin/sendmail.up /usr/sbin/sendmail; systemctl reset-failed`,
    )
    await runs(3)
    await heal(instance)
    await runs(2)
    const expected = ['critical', 'well']
      .map(word => `Subject: midship: ${word} (${unit})\n`)
      .join('')
    if ((await subjects()) !== expected)
      throw new Error(`it mailed ${JSON.stringify(await subjects())}`)
    const [first = ''] = (await shell(instance, 'cat /run/mails/*')).split('Subject: midship: well')
    if (
      !/^To: root\n/.test(first) ||
      !/database\/server/.test(first) ||
      !/systemctl start postgresql/.test(first)
    )
      throw new Error(`the mail says\n${first}`)
  },
}

/** What monitors that others wrote make of what we ship. */
export const readerTrials: readonly Trial[] = [prometheus, nagios, mail]
