import type { CommandContext } from './context.ts'

/** A cluster came, changed or went: every set has to look again, because any generator or destination may mean it. */
export async function wakeAllSets({ store, hints }: CommandContext): Promise<void> {
  hints.applicationSetsChanged(await store.applicationSets.touch(null))
}
