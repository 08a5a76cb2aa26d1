import { FleetError, invalidInput, type Problem } from '../fleet/errors.ts'
import type { NamedSecret } from '../store/store.ts'
import type { CommandContext, Viewer } from './context.ts'
import { requireWriter } from './permission.ts'

const keysMax = 50
const valueCharactersMax = 64 * 1024
/** As Kubernetes names Secrets and their keys: manifests of Argo CD go on naming them as they do. */
const namePattern = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/
const keyPattern = /^[-._a-zA-Z0-9]{1,253}$/

export interface SetSecretInput {
  readonly name: string
  /** Only sets of that project may use it; null: every set may. */
  readonly project: string | null
  readonly data: readonly { readonly key: string; readonly value: string }[]
}

/** Stores a secret that generators name (`tokenRef` and its like), sealed, in place of what was there. Every set looks again. */
export async function setSecret({ store, hints }: CommandContext, viewer: Viewer, input: SetSecretInput): Promise<NamedSecret> {
  requireWriter(viewer)
  const problems: Problem[] = []
  if (!namePattern.test(input.name)) problems.push({ path: 'name', message: 'must be a name as Kubernetes has them: a-z, 0-9, - and .' })
  if (input.project !== null && (await projectProblem(store, input.project)))
    problems.push({ path: 'project', message: `there is no project ${input.project}` })
  if (input.data.length === 0 || input.data.length > keysMax) problems.push({ path: 'data', message: `must have 1 to ${keysMax} keys` })
  const seen = new Set<string>()
  for (const [index, { key, value }] of input.data.entries()) {
    const path = `data[${index}]`
    if (!keyPattern.test(key)) problems.push({ path: `${path}.key`, message: 'must be letters, digits, -, _ and .' })
    else if (seen.has(key)) problems.push({ path: `${path}.key`, message: `${key} is given twice` })
    if (value === '' || value.length > valueCharactersMax)
      problems.push({ path: `${path}.value`, message: `must have 1 to ${valueCharactersMax} characters` })
    seen.add(key)
  }
  if (problems.length > 0) throw invalidInput('The secret', problems)
  const secret = await store.secrets.put(input.name, {
    project: input.project,
    data: Object.fromEntries(input.data.map(({ key, value }) => [key, value])),
  })
  hints.applicationSetsChanged(await store.applicationSets.touch(null))
  return secret
}

/** The project `default` is there without a row. */
async function projectProblem(store: CommandContext['store'], project: string): Promise<boolean> {
  return project !== 'default' && (await store.projects.getByName(project)) === null
}

/** Forgets a secret. NOT_FOUND when there is none; sets that name it keep their applications, and say what they lack. */
export async function removeSecret({ store, hints }: CommandContext, viewer: Viewer, { name }: { readonly name: string }): Promise<string> {
  requireWriter(viewer)
  if (!(await store.secrets.remove(name))) throw new FleetError('NOT_FOUND', `There is no secret ${name}`)
  hints.applicationSetsChanged(await store.applicationSets.touch(null))
  return name
}
