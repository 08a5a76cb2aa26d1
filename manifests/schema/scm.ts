import { z } from 'zod'
import { flag, optional, struct, text, texts } from './fields.ts'

const secretRef = struct({ secretName: text, key: text })
const tokenRef = optional(secretRef)
const caRef = optional(struct({ configMapName: text, key: text }))
const api = optional(text)
const labels = optional(texts)
const insecure = optional(flag)
const allBranches = optional(flag)
const basicAuth = optional(struct({ username: text, passwordRef: secretRef }))
const bearerToken = optional(struct({ tokenRef: secretRef }))

export const pullRequestFields = {
  github: optional(
    struct({
      owner: text,
      repo: text,
      api,
      tokenRef,
      appSecretName: optional(text),
      labels,
    }),
  ),
  gitlab: optional(
    struct({
      project: text,
      api,
      tokenRef,
      labels,
      pullRequestState: optional(text),
      insecure,
      caRef,
    }),
  ),
  gitea: optional(struct({ owner: text, repo: text, api: text, tokenRef, insecure, labels })),
  bitbucketServer: optional(
    struct({
      project: text,
      repo: text,
      api: text,
      basicAuth,
      bearerToken,
      insecure,
      caRef,
    }),
  ),
  bitbucket: optional(struct({ owner: text, repo: text, api, basicAuth, bearerToken })),
  azuredevops: optional(
    struct({
      organization: text,
      project: text,
      repo: text,
      api,
      tokenRef,
      labels,
    }),
  ),
  continueOnRepoNotFoundError: optional(flag),
  filters: optional(
    z.array(
      struct({
        branchMatch: optional(text),
        targetBranchMatch: optional(text),
        titleMatch: optional(text),
        draft: optional(flag),
        author: optional(text),
        paths: optional(texts),
        withoutLabels: optional(texts),
      }),
    ),
  ),
}

export const scmProviderFields = {
  github: optional(
    struct({
      organization: text,
      api,
      tokenRef,
      appSecretName: optional(text),
      allBranches,
      excludeArchivedRepos: optional(flag),
    }),
  ),
  gitlab: optional(
    struct({
      group: text,
      includeSubgroups: optional(flag),
      includeSharedProjects: optional(flag),
      includeArchivedRepos: optional(flag),
      api,
      tokenRef,
      allBranches,
      insecure,
      topic: optional(text),
      caRef,
    }),
  ),
  gitea: optional(
    struct({
      owner: text,
      api: text,
      tokenRef,
      allBranches,
      insecure,
      excludeArchivedRepos: optional(flag),
    }),
  ),
  bitbucketServer: optional(
    struct({
      project: text,
      api: text,
      basicAuth,
      bearerToken,
      allBranches,
      insecure,
      caRef,
    }),
  ),
  bitbucket: optional(struct({ owner: text, user: text, appPasswordRef: secretRef, allBranches })),
  azureDevOps: optional(
    struct({
      organization: text,
      teamProject: text,
      api,
      accessTokenRef: secretRef,
      allBranches,
    }),
  ),
  awsCodeCommit: optional(
    struct({
      tagFilters: optional(z.array(struct({ key: text, value: optional(text) }))),
      role: optional(text),
      region: optional(text),
      allBranches,
    }),
  ),
  cloneProtocol: optional(text),
  filters: optional(
    z.array(
      struct({
        repositoryMatch: optional(text),
        labelMatch: optional(text),
        branchMatch: optional(text),
        pathsExist: optional(texts),
        pathsDoNotExist: optional(texts),
      }),
    ),
  ),
}
