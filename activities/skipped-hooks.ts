import type { Application, KubeObject } from '../fleet/application.ts'
import { isJsonObject } from '../fleet/json.ts'
import type { ActivityDependencies } from './dependencies.ts'

const hooksSkipped = 'HooksSkipped'
/** Hooks that the condition names; further ones are counted. */
const shownMax = 5

/**
 * Hooks are not run yet. An application whose source has some says so in a condition: synced and healthy alone would let everybody
 * believe that its migration had run. The condition goes with the last hook. Hooks of Argo CD's kind `Skip` run nowhere, so they aren't missed.
 */
export async function recordSkippedHooks(
  deps: ActivityDependencies,
  application: Application,
  hooks: readonly KubeObject[],
): Promise<void> {
  const message = messageOf(hooks.filter((hook) => annotation(hook, 'argocd.argoproj.io/hook') !== 'Skip'))
  if ((application.status.conditions.find(({ type }) => type === hooksSkipped)?.message ?? '') === message) return
  // Read again: others write conditions, too, and ours were read before the cluster was asked.
  const now = await deps.store.applications.get(application.id)
  if (now === null) return
  const others = now.status.conditions.filter(({ type }) => type !== hooksSkipped)
  const condition = { type: hooksSkipped, status: 'True', reason: 'NotSupported', message, lastTransitionAtMs: deps.nowMs() } as const
  await deps.store.applications.setConditions(application.id, message === '' ? others : [...others, condition], now.observedGeneration)
}

function messageOf(hooks: readonly KubeObject[]): string {
  if (hooks.length === 0) return ''
  const names = hooks.map((hook) => `${hook.kind} ${hook.metadata.name} (${momentOf(hook)})`).toSorted((a, b) => (a < b ? -1 : 1))
  const more = names.length > shownMax ? ` and ${names.length - shownMax} more` : ''
  const count = names.length === 1 ? '1 hook is' : `${names.length} hooks are`
  return `${count} not run: hooks are not supported yet. ${names.slice(0, shownMax).join(', ')}${more}`
}

function momentOf(hook: KubeObject): string {
  return annotation(hook, 'argocd.argoproj.io/hook') || annotation(hook, 'helm.sh/hook')
}

function annotation(object: KubeObject, name: string): string {
  const { annotations } = object.metadata
  const value = isJsonObject(annotations) ? annotations[name] : undefined
  return typeof value === 'string' ? value : ''
}
