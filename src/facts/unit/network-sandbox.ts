import {splitWords, type Unit} from '../../host/unit.ts'

/**
 * What a process of the unit cannot reach although the machine can, as the unit says it:
 * "PrivateNetwork=yes".
 */
export interface NetworkSandbox {
  /** The setting that stands between, or null. */
  readonly obstacle: string | null
  /**
   * A network namespace that is shared with others: from outside nobody can tell what is reached in
   * it.
   */
  readonly elsewhere: boolean
}

/**
 * systemd.exec(5), systemd.resource-control(5): what the unit lets through to a host name, an
 * address or a Unix socket.
 */
export function networkSandbox(unit: Unit, destination: string): NetworkSandbox {
  const families = destination.startsWith('/')
    ? ['AF_UNIX']
    : destination.includes(':')
      ? ['AF_INET6']
      : /^[\d.]+$/.test(destination)
        ? ['AF_INET']
        : ['AF_INET', 'AF_INET6']
  const restricted = unit.all('RestrictAddressFamilies')[0]
  if (restricted !== undefined && families.every(family => !admits(restricted, family))) {
    return {obstacle: `RestrictAddressFamilies=${restricted || 'none'}`, elsewhere: false}
  }
  if (destination.startsWith('/')) return {obstacle: null, elsewhere: false}
  const path = unit.get('NetworkNamespacePath')
  const isPrivate = unit.get('PrivateNetwork') === 'yes'
  if (path !== '' || (isPrivate && unit.get('JoinsNamespaceOf') !== ''))
    return {obstacle: null, elsewhere: true}
  if (isPrivate) return {obstacle: 'PrivateNetwork=yes', elsewhere: false}
  return {obstacle: deniedAddress(unit, destination), elsewhere: false}
}

/**
 * `AF_UNIX AF_INET` admits these, `~AF_INET` all but these; systemctl prints nothing at all for no
 * restriction.
 */
function admits(setting: string, family: string): boolean {
  const listed = setting.replace(/^~/, '').split(/\s+/).includes(family)
  return setting.startsWith('~') ? !listed : listed
}

/** IPAddressAllow= wins over IPAddressDeny=. */
function deniedAddress(unit: Unit, destination: string): string | null {
  const denied = splitWords(unit.get('IPAddressDeny'))
  const allowed = splitWords(unit.get('IPAddressAllow'))
  if (denied.length === 0) return null
  const addresses = destination === 'localhost' ? ['127.0.0.1', '::1'] : [destination]
  const refused = addresses.every(
    address =>
      denied.some(range => covers(range, address)) &&
      !allowed.some(range => covers(range, address)),
  )
  return refused ? `IPAddressDeny=${unit.get('IPAddressDeny')}` : null
}

/**
 * A range as systemctl prints it: `10.0.0.0/8`, `::1/128`. Of IPv6 only whole addresses and `::/0`
 * are understood.
 */
function covers(range: string, address: string): boolean {
  const [network = '', length] = range.split('/')
  if (network.includes(':') !== address.includes(':')) return false
  if (Number(length) === 0) return true
  const [of, one] = [numberOf(network), numberOf(address)]
  if (of === null || one === null) return network === address
  const size = 2 ** (32 - Number(length ?? 32))
  return Math.floor(of / size) === Math.floor(one / size)
}

function numberOf(address: string): number | null {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some(Number.isNaN)) return null
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}
