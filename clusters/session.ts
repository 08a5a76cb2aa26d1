import type { Connection } from './connection.ts'
import type { Discovery } from './discovery.ts'
import type { Inventory } from './inventory.ts'
import type { GatewayLimits } from './limits.ts'

/** All that is kept of one cluster at one generation of its access. */
export interface Session {
  readonly connection: Connection
  readonly discovery: Discovery
  readonly inventory: Inventory
  readonly limits: GatewayLimits
}

/** Owner of fields in server-side apply. */
export const fieldManager = 'roadstead'
