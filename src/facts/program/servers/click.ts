import {hostPort} from '../../../host/address.ts'
import type {Options} from '../options.ts'
import {bindsOf, inheritedOf} from './addresses.ts'
import type {Told} from './told.ts'

/** The value of an option, and who states it. */
type Given = {readonly value: string; readonly from: string} | null | undefined

/** click gives every option a variable: UVICORN_HOST, GRANIAN_HOST. */
export function withVariables(
  options: Options,
  environment: ReadonlyMap<string, string>,
  prefix: string,
): (name: string) => Given {
  return name => {
    const value = options.last(name)
    if (value !== undefined) return {value, from: 'arguments'}
    const variable = `${prefix}_${name.slice(2).replaceAll('-', '_').toUpperCase()}`
    const given = environment.get(variable)
    return given ? {value: given, from: variable} : null
  }
}

/** Where a server listens that takes one address, a socket or a descriptor. */
export function addressed(
  {host, port, uds, fd}: {readonly [name in 'host' | 'port' | 'uds' | 'fd']: Given},
  directory: string,
  standard: string,
): Pick<Told, 'binds' | 'bindsFrom' | 'inherited'> {
  if (uds)
    return {binds: bindsOf([`unix:${uds.value}`], directory), bindsFrom: uds.from, inherited: null}
  if (fd) return {binds: [], bindsFrom: fd.from, inherited: inheritedOf([`fd://${fd.value}`])}
  const binds = [hostPort({host: host?.value ?? '127.0.0.1', port: port?.value ?? '8000'})]
  return {
    binds: bindsOf(binds, directory),
    bindsFrom: (host ?? port)?.from ?? standard,
    inherited: null,
  }
}
