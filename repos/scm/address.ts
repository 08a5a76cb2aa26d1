import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { type AddressPolicy, addressProblem } from '../../fleet/cluster-address.ts'
import { FleetError } from '../../fleet/errors.ts'

export interface ScmAddressPolicy extends AddressPolicy {
  /** API addresses that may be asked, as manifests write them. Empty: any. The public hosts that a provider stands for are always among them. */
  readonly allowedApis: readonly string[]
}

const metadataNames = /^(metadata|metadata\.google\.internal|instance-data|instance-data\.ec2\.internal)\.?$/

/**
 * The address of an API, checked: a URL with nothing but scheme, host, port and path that leads to no loopback and no metadata
 * service. http only where `plainHttp` says so, or on loopback where that is allowed. Throws INVALID_INPUT with the reason.
 */
export function checkedApi(api: string, policy: AddressPolicy, { plainHttp = false } = {}): URL {
  const refuse = (why: string) =>
    new FleetError('INVALID_INPUT', `the API address ${JSON.stringify(api.slice(0, 200))} is refused: it ${why}`)
  const url = URL.parse(api)
  if (url === null || /[^\x21-\x7e]|\\/.test(api)) throw refuse('is not a URL such as https://git.example.com')
  if (url.username !== '' || url.password !== '')
    throw new FleetError('INVALID_INPUT', 'an API address may not hold a user name or password')
  if (url.search !== '' || url.hash !== '') throw refuse('has a query or a fragment')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isIp = host.includes(':') || /^[\d.]+$/.test(host)
  const problem = isIp ? addressProblem(host, policy) : null
  if (problem !== null) throw refuse(problem)
  const isLocal = host === 'localhost' || host.endsWith('.localhost') || (isIp && addressProblem(host, { allowLoopback: false }) !== null)
  if (isLocal && !policy.allowLoopback) throw refuse('leads to this machine itself (loopback), which is not allowed here')
  if (metadataNames.test(host)) throw refuse("leads to a cloud's metadata service")
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (plainHttp || isLocal)))
    throw refuse('must be https: over http anybody on the way can read the token (an administrator can allow this very address)')
  return url
}

/** Whether an administrator allows this API address. */
export function apiIsAllowed(api: string, { allowedApis }: ScmAddressPolicy): boolean {
  const bare = (text: string) => text.replace(/\/+$/, '')
  return allowedApis.length === 0 || allowedApis.some((allowed) => bare(allowed) === bare(api))
}

/** A DNS lookup that gives only addresses which the policy allows: a name is judged by what it resolves to when it is used. */
export function scmLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0)
      const refused = addresses.map(({ address }) => addressProblem(address, policy)).find((problem) => problem !== null)
      if (refused !== undefined)
        return callback(new FleetError('INVALID_INPUT', `${hostname} resolves to an address that ${refused}`), '', 0)
      const [first] = addresses
      if (options.all === true) return callback(null, addresses)
      return callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
}
