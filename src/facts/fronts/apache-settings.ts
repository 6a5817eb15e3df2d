import type {ExecAnswer, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {execCommands, type Unit} from '../../host/unit.ts'

/** `apache2ctl -t -D DUMP_VHOSTS -D DUMP_RUN_CFG`. */
export interface ApacheSettings {
  readonly hosts: readonly ApacheHost[]
  readonly user: string | null
}

/** One <VirtualHost> as Apache sorts it in. */
export interface ApacheHost {
  /** "*", "127.0.0.1". */
  readonly address: string
  readonly port: number
  readonly isDefault: boolean
  readonly name: string
  readonly file: string
  readonly line: number
}

/** apachectl makes missing directories for its sockets: it is asked only while Apache runs. */
export async function askApache(host: Host, unit: Unit): Promise<ExecAnswer | null> {
  const [command] = execCommands(unit, 'ExecStart')
  if (!command || unit.get('ActiveState') !== 'active' || host.uid !== 0) return null
  const kept = command.argv.flatMap((word, index, {[index - 1]: before = ''}) =>
    /^-[df]$/.test(before) ? [before, word] : [],
  )
  const isServer = /\/(?:apachectl|apache2ctl|apache2|httpd)$/.test(command.path)
  const dumps = ['-t', '-D', 'DUMP_VHOSTS', '-D', 'DUMP_RUN_CFG']
  const question = `settings of ${unit.name}`
  return isServer ? ifSeen(host.exec([command.path, ...kept, ...dumps], {question})) : null
}

/**
 * The virtual hosts, one alone at its address or several: `*:8081 harbour.example
 * (/etc/apache2/sites-enabled/harbour.conf:1)`, `default server a.example (…)`, `port 80 namevhost
 * a.example (…)`.
 */
export function parseApacheSettings(text: string): ApacheSettings {
  const hosts: ApacheHost[] = []
  let at = {address: '*', port: 80}
  for (const line of text.split('\n')) {
    const group = /^(\S+):(\d+|\*)\s+is a NameVirtualHost$/.exec(line)
    if (group) at = {address: group[1] ?? '*', port: Number(group[2]) || 80}
    const alone = /^(\S+):(\d+|\*)\s+(\S+) \((.+):(\d+)\)$/.exec(line)
    if (alone) {
      const [, address = '*', port, name = '', file = '', number] = alone
      hosts.push({
        address,
        port: Number(port) || 80,
        isDefault: true,
        name,
        file,
        line: Number(number),
      })
    }
    const named = /^\s+port (?:\d+|\*) namevhost (\S+) \((.+):(\d+)\)$/.exec(line)
    if (named) {
      const [, name = '', file = '', number] = named
      const isDefault = !hosts.some(host => host.address === at.address && host.port === at.port)
      hosts.push({...at, isDefault, name, file, line: Number(number)})
    }
  }
  return {hosts, user: /^User: name="([^"]+)"/m.exec(text)?.[1] ?? null}
}
