import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { hasGenerator } from './requeue.ts'
import { canBe, hostOf, repositoryAddress, unknownText } from './webhook-address.ts'
import type { EventRepository, GitEvent } from './webhook-event.ts'
import { filled, isTemplate, type KnownRows, knownRows } from './webhook-rows.ts'

/** What of a generator decides, and it is asked of every generator of a set. `fill`: what a text of the spec may come to. */
type Concerns = (field: string, spec: JsonObject, fill: (text: string) => string) => boolean

/**
 * Whether a set has to look again because of an event, as Argo CD's webhook decides it: git generators by repository and revision,
 * pullRequest generators by host, owner and repository, plugin generators at every event, all of them also inside matrix and merge.
 * What only an expansion would tell (`{{ url }}` of a git generator's file) counts as met: one look too many costs less than one that is missed.
 */
export function wakesSet(event: GitEvent, generators: Json): boolean {
  return concernsAny(generators, [], (field, spec, fill) => {
    if (field === 'plugin') return true
    if (field === 'git' && event.kind === 'push')
      return readsFrom(spec, event.repository.urls, fill) && pushMoves(fill(textOf(spec.revision)), event)
    return field === 'pullRequest' && event.kind === 'pullRequest' && listsPullRequestsOf(spec, event.repository, fill)
  })
}

/** Whether a git generator of a set may read a repository at a revision for which `moved` says so. Also inside matrix and merge. */
export function readsMoved(generators: Json, repositoryUrl: string, moved: (revision: string) => boolean): boolean {
  return concernsAny(generators, [], (field, spec, fill) => {
    if (field !== 'git' || !readsFrom(spec, [repositoryUrl], fill)) return false
    const revision = fill(textOf(spec.revision))
    return revision.includes(unknownText) || moved(revision)
  })
}

/** Whether a set asks plugins, whose answers any event may change. */
export function asksPlugins(generators: Json): boolean {
  return hasGenerator(generators, ['plugin'])
}

/** Whether a set has a generator that asks a Git host for pull requests, or for all branches: it may give something else after any push. */
export function listsBranches(generators: Json): boolean {
  return hasGenerator(generators, ['pullRequest', 'scmProvider'])
}

/** Whether a push may give what a revision stands for: none and HEAD by the default branch, ranges of versions by any tag, names by their ref. */
export function pushMoves(revision: string, push: Pick<Extract<GitEvent, { readonly kind: 'push' }>, 'refs' | 'touchedHead'>): boolean {
  if (revision === '' || revision === 'HEAD') return push.touchedHead !== false
  return push.refs.some((ref) => {
    if (canBe(revision, ref) || (!revision.startsWith('refs/') && canBe(revision, shortRef(ref)))) return true
    if (revision.startsWith('refs/') && !ref.startsWith('refs/')) return canBe(shortRef(revision), ref)
    return !ref.startsWith('refs/heads/') && versionRange.test(revision)
  })
}

const versionRange = /[*<>=~^|,\s]|^v?\d+(\.(\d+|x))?(\.x)?$/i

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '')
}

/** `outer`: what the generators give that stand before these in a matrix, a list for each that is known. */
function concernsAny(generators: Json, outer: readonly KnownRows[], concerns: Concerns): boolean {
  if (!Array.isArray(generators)) return false
  return (generators as readonly Json[]).some((entry) => isJsonObject(entry) && concernsEntry(entry, outer, concerns))
}

function concernsEntry(entry: JsonObject, outer: readonly KnownRows[], concerns: Concerns): boolean {
  return Object.entries(entry).some(([field, spec]) => {
    if (!isJsonObject(spec)) return false
    if (field === 'merge') return concernsAny(spec.generators ?? [], outer, concerns)
    if (field !== 'matrix') return concernsFilled(field, spec, outer, concerns)
    const before = [...outer]
    const children = Array.isArray(spec.generators) ? (spec.generators as readonly Json[]) : []
    return children.filter(isJsonObject).some((child) => {
      if (concernsEntry(child, before, concerns)) return true
      for (const [name, given] of Object.entries(child)) {
        const rows = isJsonObject(given) ? knownRows(name, given) : null
        if (rows !== null) before.push(rows)
      }
      return false
    })
  })
}

/** It has to be so for some row of each generator that stands before it. */
function concernsFilled(field: string, spec: JsonObject, outer: readonly KnownRows[], concerns: Concerns): boolean {
  const withRow = (row: JsonObject) => concerns(field, spec, (text) => (isTemplate(text) ? filled(text, row) : text))
  return withRow({}) && outer.every((rows) => rows.some(withRow))
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function readsFrom(spec: JsonObject, urls: readonly string[], fill: (text: string) => string): boolean {
  const address = repositoryAddress(fill(textOf(spec.repoURL)))
  return urls.some((url) => canBe(address, repositoryAddress(url)))
}

/** Where a provider is asked when `api` doesn't say. */
const publicHosts: Readonly<Record<string, string>> = {
  github: 'github.com',
  gitlab: 'gitlab.com',
  bitbucket: 'bitbucket.org',
  azuredevops: 'dev.azure.com',
}

function listsPullRequestsOf(spec: JsonObject, repository: EventRepository, fill: (text: string) => string): boolean {
  const settings = spec[repository.host]
  if (!isJsonObject(settings)) return false
  const isNamed = Object.entries(repository.names).every(([field, names]) => {
    const wanted = settings[field]
    if (typeof wanted !== 'string' || wanted === '') return true
    return names.length === 0 || names.some((name) => canBe(fill(wanted), name))
  })
  return isNamed && isAt(fill(textOf(settings.api)) || (publicHosts[repository.host] ?? ''), repository)
}

/** Two hosts that aren't public may be one, asked by its address within the network, which events don't know. */
function isAt(api: string, { urls }: EventRepository): boolean {
  const asked = publicName(hostOf(api))
  if (asked === null || urls.length === 0) return true
  const known = Object.values(publicHosts)
  return urls.some((url) => {
    const sent = publicName(hostOf(url))
    return sent === null || sent === asked || (!known.includes(sent) && !known.includes(asked))
  })
}

function publicName(host: string | null): string | null {
  if (host?.endsWith('.visualstudio.com')) return 'dev.azure.com'
  return host?.replace(/^api\./, '') ?? null
}
