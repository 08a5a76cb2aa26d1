import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { type AddressPolicy, addressProblem } from '../fleet/cluster-address.ts'
import { FleetError } from '../fleet/errors.ts'

/**
 * A DNS lookup that gives only addresses which `policy` allows: the check at registration can't know what a name will resolve
 * to later (rebinding). Fails when any answer is refused: a name with one good and one bad address is not an accident.
 */
export function guardedLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0)
      const refused = addresses.map(({ address }) => addressProblem(address, policy)).find((problem) => problem !== null)
      if (refused !== undefined) {
        return callback(
          new FleetError('CLUSTER_UNREACHABLE', `${hostname} resolves to an address that ${refused}`, { refused: true }),
          '',
          0,
        )
      }
      const [first] = addresses
      if (options.all === true) return callback(null, addresses)
      return callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
}
