import { z } from 'zod'
import type { PullRequest } from '../../generators/requests.ts'

// Gitea speaks GitHub's API where it can: a pull request and its files look the same.

export const pullFields = {
  number: z.number(),
  title: z.string(),
  draft: z.boolean().optional(),
  user: z.object({ login: z.string() }).nullable(),
  head: z.object({ ref: z.string(), sha: z.string() }),
  base: z.object({ ref: z.string() }),
}
const pullSchema = z.object(pullFields)
export const changedFile = z.object({ filename: z.string(), previous_filename: z.string().optional() })

export function pullOf(pull: z.infer<typeof pullSchema>, labels: readonly string[]): PullRequest {
  return {
    number: pull.number,
    title: pull.title,
    branch: pull.head.ref,
    targetBranch: pull.base.ref,
    headSHA: pull.head.sha,
    author: pull.user?.login ?? '',
    labels,
    ...(pull.draft === undefined ? {} : { draft: pull.draft }),
  }
}

/** Paths that files have, and had before they were renamed. */
export function pathsOf(files: readonly z.infer<typeof changedFile>[]): readonly string[] {
  return files.flatMap((file) => [file.filename, ...(file.previous_filename === undefined ? [] : [file.previous_filename])])
}
