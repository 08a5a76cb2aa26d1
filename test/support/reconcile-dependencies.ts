import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type ActivityDependencies, defaultActivitySettings } from '../../activities/dependencies.ts'
import { createRenderer } from '../../rendering/create-renderer.ts'
import { createRepositories } from '../../repos/create-repositories.ts'
import { generatorEnvironment } from '../../server/generator-environment.ts'
import { tool } from './tools.ts'

/** What a pass over a set needs, with real repositories and rendering; nobody is woken. */
export async function reconcileDependencies(
  dir: string,
  given: Pick<ActivityDependencies, 'store' | 'gateway' | 'nowMs' | 'sources'>,
): Promise<ActivityDependencies> {
  const repositories = createRepositories({ cacheDir: join(dir, 'repositories') })
  const renderer = createRenderer({
    repositories,
    kustomizeBinary: await tool('kustomize'),
    cacheDir: join(dir, 'renderings'),
    scratchDir: join(dir, 'scratch'),
  })
  const silent = () => undefined
  return {
    ...given,
    repositories,
    renderer,
    hints: {
      clusterChanged: silent,
      applicationSetsChanged: silent,
      applicationChanged: silent,
      repositoryChanged: silent,
      rolloutCommanded: silent,
    },
    log: { info: silent, warn: silent },
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    generatorEnvironment: generatorEnvironment(),
    settings: defaultActivitySettings,
  }
}
