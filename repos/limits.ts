/** Bounds on what one repository, and all of them together, may take. Every one can be replaced at the composition root. */
export interface RepositoryLimits {
  /** One list of refs, in bytes as received. */
  readonly refsBytesMax: number
  /** One pack, in bytes. It is held in memory while it is indexed. */
  readonly packBytesMax: number
  /** One object, and all of one pack, inflated, in bytes. */
  readonly objectBytesMax: number
  readonly inflatedBytesMax: number
  /** One file that is read, in bytes. */
  readonly fileBytesMax: number
  /** Entries of one recursive listing. */
  readonly treeEntriesMax: number
  readonly treeDepthMax: number
  readonly listTimeoutMs: number
  readonly fetchTimeoutMs: number
  /** How long a server may send nothing in the middle of an answer. */
  readonly stallTimeoutMs: number
  /** All repositories on disk, in bytes; the least recently used go first. */
  readonly cacheBytesMax: number
  readonly cachedRepositoriesMax: number
  /** Packs of one repository; beyond it is emptied and fetched anew. */
  readonly packsMax: number
  /** Objects of one repository that are kept in memory, in bytes. */
  readonly memoryBytesMax: number
  /** Repositories whose packs are kept in memory, and how many bytes that may be for all of them but the one in use. */
  readonly openRepositoriesMax: number
  readonly heldBytesMax: number
  readonly concurrentFetchesMax: number
  /** How many commits back a commit is looked for where the server gives commits only through their refs. */
  readonly deepenMax: number
}

const kib = 1024
const mib = 1024 * kib

export const defaultRepositoryLimits: RepositoryLimits = {
  refsBytesMax: 32 * mib,
  packBytesMax: 256 * mib,
  objectBytesMax: 256 * mib,
  inflatedBytesMax: 2048 * mib,
  fileBytesMax: 8 * mib,
  treeEntriesMax: 200_000,
  treeDepthMax: 64,
  listTimeoutMs: 30_000,
  fetchTimeoutMs: 180_000,
  stallTimeoutMs: 30_000,
  cacheBytesMax: 4096 * mib,
  cachedRepositoriesMax: 1000,
  packsMax: 256,
  memoryBytesMax: 64 * mib,
  openRepositoriesMax: 32,
  heldBytesMax: 512 * mib,
  concurrentFetchesMax: 4,
  deepenMax: 1000,
}
