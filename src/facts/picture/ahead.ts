import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import {findFirewall} from './firewall.ts'
import {kernelSettings} from './kernel.ts'
import {findLocales} from './locales.ts'
import {installedPackages} from './packages.ts'
import {postgresFiles} from './postgres-files.ts'
import {systemFiles} from './system-files.ts'
import {settingsOfUnits} from './unit-settings.ts'

const ofMachine = [
  findFirewall,
  kernelSettings,
  findLocales,
  systemFiles,
  installedPackages,
  postgresFiles,
]

/**
 * Milliseconds in which Python starts, and a process that looks for us: with two processors they
 * are slower for each one more.
 */
const busy = 80

/** Asks while Django is still being asked what a picture takes of the machine and of units. */
export function askAhead(host: Host, unit: Unit): void {
  if (host.uid !== 0) return
  const ask = (): void => {
    const questions = [...ofMachine.map(each => each(host)), settingsOfUnits(host, unit)]
    for (const question of questions) question.catch(() => undefined)
  }
  setTimeout(ask, busy).unref()
}
