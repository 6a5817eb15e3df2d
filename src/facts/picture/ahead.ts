import type {Host} from '../../host/host.ts'
import {debianPackages} from './debian-packages.ts'
import {findFirewall} from './firewall.ts'
import {kernelSettings} from './kernel.ts'
import {findLocales} from './locales.ts'
import {systemFiles} from './system-files.ts'

/**
 * Asks what a picture takes of the machine itself while Django is still being asked: a host that
 * answers a question once has the answers then.
 */
export function askAhead(host: Host): void {
  if (host.uid !== 0) return
  for (const ask of [findFirewall, kernelSettings, findLocales, systemFiles, debianPackages])
    ask(host).catch(() => undefined)
}
