/** What may be at the other end. Clusters live on private networks, so those are allowed; what no cluster lives on isn't. */
export interface AddressPolicy {
  /** For development and tests: clusters on this machine. */
  readonly allowLoopback: boolean
}

/**
 * What is wrong with the URL of an API server; null when nothing is. https only, nothing but scheme, host, port and path, and no address that
 * leads to this machine, to a cloud's metadata service or to many hosts at once, in whatever way it is spelled. A name is checked again when it is resolved.
 */
export function serverProblem(server: string, policy: AddressPolicy): string | null {
  // the WHATWG parser drops these silently, so that what is checked wouldn't be what was written
  if (/[^\x21-\x7e]|\\/.test(server)) return 'must be printable ASCII without blanks and backslashes'
  if (!URL.canParse(server)) return 'is not a URL such as https://kube.example.com:6443'
  const url = new URL(server)
  if (url.protocol === 'http:') return 'must be https: over http anybody on the way can read the credentials'
  if (url.protocol !== 'https:') return 'must be an https URL'
  if (url.username !== '' || url.password !== '' || server.includes('@')) return 'must not contain a user name or password'
  if (url.search !== '' || server.includes('?')) return 'must not have a query'
  if (url.hash !== '' || server.includes('#')) return 'must not have a fragment'
  const host = url.hostname.replace(/\.$/, '')
  if (host === '') return 'has no host'
  const address = host.startsWith('[') ? host.slice(1, -1) : host
  if (isAddress(address)) return addressProblem(address, policy)
  if ((host === 'localhost' || host.endsWith('.localhost')) && !policy.allowLoopback) return loopback
  if (metadataNames.has(host)) return metadataService
  return null
}

const loopback = 'leads to this machine itself (loopback), which is not allowed here'
const metadataService = "leads to a cloud's metadata service or another link-local address"
const metadataNames = new Set(['metadata', 'metadata.google.internal', 'instance-data', 'instance-data.ec2.internal'])

/** Why no connection is made to an IP address as a resolver or the URL parser writes it; null when one may be. */
export function addressProblem(address: string, policy: AddressPolicy): string | null {
  const v4 = parseIpv4(address)
  if (v4 !== null) return ipv4Problem(v4, policy)
  const v6 = parseIpv6(address)
  if (v6 === null) return `is not an address: ${JSON.stringify(address.slice(0, 80))}`
  const embedded = embeddedIpv4(v6)
  if (embedded !== null) return ipv4Problem(embedded, policy)
  if (v6.every((part) => part === 0)) return 'is the unspecified address'
  const [first = 0] = v6
  if (v6.slice(0, 7).every((part) => part === 0) && v6[7] === 1) return policy.allowLoopback ? null : loopback
  if ((first & 0xffc0) === 0xfe80) return metadataService
  if ((first & 0xff00) === 0xff00) return 'is a multicast address'
  if (first === 0xfd00 && v6[1] === 0x0ec2 && v6.slice(2, 7).every((part) => part === 0) && v6[7] === 0x254) return metadataService
  return null
}

function ipv4Problem(address: number, policy: AddressPolicy): string | null {
  const [a, b] = [address >>> 24, (address >>> 16) & 255]
  if (a === 0) return 'is the unspecified address'
  if (a === 127) return policy.allowLoopback ? null : loopback
  if (a === 169 && b === 254) return metadataService
  // Alibaba Cloud's and Oracle's metadata services are in shared address space
  if (address === 0x64_64_64_c8 || address === 0xc0_00_00_c0) return metadataService
  if (a >= 224) return a >= 240 ? 'is a reserved or broadcast address' : 'is a multicast address'
  return null
}

function isAddress(host: string): boolean {
  return host.includes(':') || parseIpv4(host) !== null
}

/** Dotted decimal with four parts, which is what the URL parser makes of every numeric spelling (0x7f.1, 0177.0.0.1, 2130706433). */
function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return null
  const parts = match.slice(1).map(Number)
  return parts.some((part) => part > 255) ? null : parts.reduce((sum, part) => sum * 256 + part, 0)
}

/** Eight 16-bit parts; null for what isn't an IPv6 address. A zone (`%eth0`) is left out. */
function parseIpv6(text: string): readonly number[] | null {
  const [bare = ''] = text.split('%')
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(bare)
  const v4 = dotted === null ? null : parseIpv4(dotted[2] ?? '')
  if (dotted !== null && v4 === null) return null
  const hex = v4 === null ? bare : `${dotted?.[1] ?? ''}${(v4 >>> 16).toString(16)}:${(v4 & 0xffff).toString(16)}`
  const halves = hex.split('::')
  if (halves.length > 2) return null
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const parts = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  return parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part)) ? parts.map((part) => Number.parseInt(part, 16)) : null
}

/** IPv4 inside IPv6: mapped (::ffff:a.b.c.d), translated (64:ff9b::/96), 6to4 (2002::/16) and the old compatible form. */
function embeddedIpv4(parts: readonly number[]): number | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = parts
  const last = g * 65_536 + h
  if (a === 0x2002) return b * 65_536 + c
  if (a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0) return last
  if (a !== 0 || b !== 0 || c !== 0 || d !== 0) return null
  if (e === 0 && f === 0xffff) return last
  if (e === 0xffff && f === 0) return last
  return e === 0 && f === 0 && last > 0xffff ? last : null
}
