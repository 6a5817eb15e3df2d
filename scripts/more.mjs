/**
 * What no check asks of these machines, and tests want to know of them: a check of somebody's own
 * asks it while the fixtures are recorded. `unitProperties` is put before this by
 * scripts/fixtures.ts.
 */
const redis = ['redis-server.service', 'redis.service', 'valkey-server.service', 'valkey.service']
const asked = {code: 'ok', status: 'ok', message: 'more was asked'}

const more = {
  id: 'fixture/more',
  title: 'More is asked than any check does',
  explanation: {
    why: 'Tests want to know it.',
    asks: 'See the source.',
    findings: {},
    mistakenFor: 'Nothing.',
  },
  async run({host, target}) {
    const share = `${target.package}/share/prism-django`
    await host.units(['postgresql-setup.service', ...redis], unitProperties)
    await host.journal([{unit: 'nginx.service'}], 600)
    await host.journal([{identifier: 'systemd-tmpfiles'}], 200)
    await host.journal([{unit: 'sops-install-secrets.service'}, {identifier: 'stage-2-init'}], 200)
    for (const name of ['sites-available', 'sites-enabled']) await host.list(`/etc/nginx/${name}`)
    if (target.package === null) return asked
    const environment = target.server.interpreter.replace(/\/[^/]*$/, '')
    for (const path of [
      `${target.stateDirectory}/.env`,
      `${share}/gunicorn.conf.py`,
      `${environment}/python`,
    ])
      await host.readFile(path)
    await host.list(environment)
    for (const name of await host.list(`${target.package}/bin`))
      await host.readFile(`${target.package}/bin/${name}`)
    return asked
  },
}

export const checks = [more]
