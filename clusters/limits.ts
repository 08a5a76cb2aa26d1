/** Bounds of the gateway. Each can be set by whoever constructs it. */
export interface GatewayLimits {
  /** For one request, its body included. */
  readonly requestTimeoutMs: number
  /** For one request that probes a cluster, and for TCP and TLS to begin with. */
  readonly probeTimeoutMs: number
  /** The body of one answer. */
  readonly responseBytesMax: number
  /** Open sockets to one cluster. */
  readonly socketsMax: number
  /** Requests of one apply, observe or remove that run at the same time. */
  readonly parallelMax: number
  /** Clusters whose connection, kinds and inventory are kept. The one that was used longest ago goes first. */
  readonly connectionsMax: number
  /** How often a request is repeated that was answered with 429, and how long one Retry-After may be. */
  readonly retriesMax: number
  readonly retryAfterMaxMs: number
  /** Objects in one page of a list, and pages of one list. */
  readonly pageSize: number
  readonly pagesMax: number
  /** Objects of one application. */
  readonly objectsMax: number
  /** Custom resources of one list, and what is kept of them together, as JSON. */
  readonly customResourcesMax: number
  readonly customResourceBytesMax: number
  /** How old the kinds of a cluster may become before they are read again. */
  readonly discoveryMaxAgeMs: number
  /** How old the inventory (which kinds hold objects of which application) may become. Other workers change it too. */
  readonly inventoryMaxAgeMs: number
  /** How long an apply waits for a CRD to be served. */
  readonly crdTimeoutMs: number
}

export const defaultLimits: GatewayLimits = {
  requestTimeoutMs: 30_000,
  probeTimeoutMs: 10_000,
  responseBytesMax: 64 * 1024 * 1024,
  socketsMax: 16,
  parallelMax: 8,
  connectionsMax: 4_096,
  retriesMax: 4,
  retryAfterMaxMs: 5_000,
  pageSize: 250,
  pagesMax: 400,
  objectsMax: 10_000,
  customResourcesMax: 10_000,
  customResourceBytesMax: 16 * 1024 * 1024,
  discoveryMaxAgeMs: 600_000,
  inventoryMaxAgeMs: 600_000,
  crdTimeoutMs: 30_000,
}
