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

/** Asks while Django is still being asked what a picture takes of the machine and of units. */
export function askAhead(host: Host, unit: Unit): void {
  if (host.uid !== 0) return
  const questions = [...ofMachine.map(ask => ask(host)), settingsOfUnits(host, unit)]
  for (const question of questions) question.catch(() => undefined)
}
