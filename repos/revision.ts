import type { ResolveRevision } from './repository.ts'
import { compareVersions, parseRange, parseVersion, satisfies, type Version } from './semver-range.ts'

const commitPattern = /^[0-9a-f]{40}$/i
const shortCommitPattern = /^[0-9a-f]{7,39}$/i

/**
 * Which commit a `targetRevision` means, as Argo CD resolves it (nativeGitClient.lsRemote): a full commit is itself, empty is
 * HEAD, a version range is the highest tag within, then the name of a branch or a tag, then any other ref by its full or
 * shortened name. Where Argo CD leaves it to chance whether a branch or a tag of one name is meant, the branch wins, as in
 * the order of `git ls-remote`. A shortened commit resolves when it is the tip of a ref and of one commit only.
 */
export const resolveRevision: ResolveRevision = (refs, targetRevision) => {
  if (commitPattern.test(targetRevision)) return targetRevision.toLowerCase()
  const wanted = targetRevision === '' ? 'HEAD' : (highestTag(refs, targetRevision) ?? targetRevision)
  for (const name of [wanted, `refs/heads/${wanted}`, `refs/tags/${wanted}`, `refs/${wanted}`]) {
    const commit = refs.get(name)
    // A bare word is never a ref by its full name, HEAD apart.
    if (commit !== undefined && (name === 'HEAD' || name.startsWith('refs/'))) return commit
  }
  return shortCommitPattern.test(wanted) ? tipWithPrefix(refs, wanted.toLowerCase()) : null
}

/** Whether a `targetRevision` means another commit than before, now that a repository's refs are these, or one that no ref had before. */
export function movedRevisions(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): (targetRevision: string) => boolean {
  const [refsBefore, refsAfter] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  const known = new Set(refsBefore.values())
  const newTips = new Set([...refsAfter.values()].filter((commit) => !known.has(commit)))
  const answers = new Map<string, boolean>()
  return (targetRevision) => {
    const answer = answers.get(targetRevision)
    if (answer !== undefined) return answer
    const commit = resolveRevision(refsAfter, targetRevision)
    const moved = commit !== resolveRevision(refsBefore, targetRevision) || (commit !== null && newTips.has(commit))
    answers.set(targetRevision, moved)
    return moved
  }
}

/** The name of the ref that `targetRevision` stands for, for a fetch by ref; null for a commit. */
export function refOf(refs: ReadonlyMap<string, string>, commit: string): string | null {
  let found: string | null = null
  for (const [name, tip] of refs) {
    if (tip !== commit) continue
    if (name === 'HEAD' || name.startsWith('refs/heads/')) return name
    found ??= name
  }
  return found
}

/** Null unless the revision is a range (a plain version is a pin) that some tag satisfies. */
function highestTag(refs: ReadonlyMap<string, string>, revision: string): string | null {
  if (parseVersion(revision) !== null) return null
  const range = parseRange(revision)
  if (range === null) return null
  let highest: Version | null = null
  for (const name of refs.keys()) {
    if (!name.startsWith('refs/tags/')) continue
    const version = parseVersion(name.slice('refs/tags/'.length))
    if (version === null || !satisfies(version, range)) continue
    if (highest === null || compareVersions(version, highest) > 0) highest = version
  }
  return highest === null ? null : `refs/tags/${highest.original}`
}

function tipWithPrefix(refs: ReadonlyMap<string, string>, prefix: string): string | null {
  const tips = new Set([...refs.values()].filter((commit) => commit.startsWith(prefix)))
  const [only] = tips
  return tips.size === 1 && only !== undefined ? only : null
}
