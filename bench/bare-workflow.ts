import { proxyActivities } from '@temporalio/workflow'

const { nothing } = proxyActivities<{
  readonly nothing: (input: { readonly applicationId: string }) => Promise<{ readonly atMs: number }>
}>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '12s',
})

/** The least that can take clusters through two steps in a sliding window: no decisions, no state, activities that do nothing. */
export async function bare(input: { readonly count: number; readonly atOnce: number }): Promise<void> {
  let next = 0
  const lanes = Array.from({ length: input.atOnce }, async () => {
    for (let i = next++; i < input.count; i = next++) {
      const applicationId = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`
      await nothing({ applicationId })
      await nothing({ applicationId })
    }
  })
  await Promise.all(lanes)
}
