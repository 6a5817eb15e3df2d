import type {Step} from '../report/finding.ts'
import {run} from '../report/step.ts'
import {type FrontChanges, nothing, type WebServer} from './platform.ts'

/** Web servers whose files an administrator edits: everywhere but on NixOS. */
export const editedFronts: FrontChanges = {
  writesFronts: false,
  // Debian's /etc/apache2/envvars; what Fedora installs names its user itself.
  apacheUser: 'www-data',
  front: server =>
    server.active
      ? {...nothing, steps: testAndReload(server), next: `test and reload ${server.kind}`}
      : {...nothing, steps: [run('systemctl', 'start', server.unit.name)], next: 'start it'},
  frontGroup: ({kind, unit}, user, group) => ({
    ...nothing,
    steps: [run('usermod', '-aG', group, user), run('systemctl', 'restart', unit.name)],
    next: `restart ${kind}`,
  }),
  sites(server) {
    const base = siteDirectories[server.kind]
    if (base === null) return null
    const [available, enabled] = [`${base}/sites-available`, `${base}/sites-enabled`]
    return {
      available,
      enabled,
      enable(file) {
        const name = file.slice(available.length + 1)
        const enable =
          server.kind === 'apache'
            ? run('a2ensite', name.replace(/\.conf$/, ''))
            : run('ln', '-s', file, `${enabled}/${name}`)
        return {
          ...nothing,
          steps: [enable, ...testAndReload(server)],
          next: `test and reload ${server.kind}`,
        }
      },
    }
  },
}

/** Debian's way (a2ensite(8)), which guides teach for other systems as well. */
const siteDirectories = {nginx: '/etc/nginx', apache: '/etc/apache2', caddy: null} as const

/** Lets a web server test its configuration, then read it again. */
function testAndReload({kind, unit, file}: WebServer): readonly Step[] {
  const test = {
    nginx: ['nginx', '-t'],
    // Fedora calls it httpd, Debian apache2, and the program that tests it goes by that.
    apache: [unit.name.startsWith('httpd') ? 'apachectl' : 'apache2ctl', 'configtest'],
    caddy: ['caddy', 'validate', '--config', file ?? '/etc/caddy/Caddyfile'],
  } as const
  return [run(...test[kind]), run('systemctl', 'reload', unit.name)]
}
