import type { ApplicationSetSpec } from '../fleet/application-set.ts'
import { isJsonObject } from '../fleet/json.ts'
import { expandSet } from '../generators/expand-set.ts'
import type { ClusterFact } from '../generators/generator.ts'
import { generatorEnvironment } from '../server/generator-environment.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { clusterFacts, setOfThirtyFields } from './fleet.ts'
import { median, timed } from './measure.ts'

const runs = 5

export const expandBenchmark: Benchmark = {
  name: 'expand',
  summary: 'an ApplicationSet with 30 templated fields over all clusters, in both template languages',
  run: async ({ quick }, figure) => {
    const environment = generatorEnvironment()
    const sizes = quick ? [100, 1_000] : [1_000, 10_000]
    for (const goTemplate of [false, true]) {
      const mode = goTemplate ? 'goTemplate' : 'fasttemplate'
      const spec = setOfThirtyFields(goTemplate)
      const expand = (clusters: readonly ClusterFact[]) => timed(() => applicationsOf(spec, clusters, environment)).ms
      expand(clusterFacts(sizes[0] ?? 1))
      const perApplicationUs = sizes.map((size) => {
        const clusters = clusterFacts(size)
        const ms = Array.from({ length: runs }, () => expand(clusters))
        const middle = median(ms)
        figure({
          name: `${mode}, ${size.toLocaleString('en')} clusters`,
          value: (size / middle) * 1000,
          unit: 'applications/s',
          note: `${(middle / 1000).toFixed(3)} s in all, best of ${runs} ${(Math.min(...ms) / 1000).toFixed(3)} s`,
        })
        return (middle / size) * 1000
      })
      const [small = Number.NaN, large = Number.NaN] = perApplicationUs
      const note = `${small.toFixed(1)} us and ${large.toFixed(1)} us`
      figure({ name: `${mode}, time per application at ten times the clusters`, value: large / small, unit: 'x', note })
    }
    matrix(quick ? 20 : 200, environment, figure)
  },
}

/** A matrix of as many Git files as clusters: its applications are the square. */
function matrix(size: number, environment: ReturnType<typeof generatorEnvironment>, figure: (figure: Figure) => void): void {
  const { template } = setOfThirtyFields(true)
  const files = Object.fromEntries(
    Array.from({ length: size }, (_, i) => [`services/service-${i}/config.yaml`, `service: { name: service-${i}, port: ${8000 + i} }\n`]),
  )
  const spec: ApplicationSetSpec = {
    goTemplate: true,
    goTemplateOptions: ['missingkey=error'],
    generators: [
      {
        matrix: {
          generators: [
            { git: { repoURL: 'https://git.example.test/shop.git', revision: 'main', files: [{ path: 'services/*/config.yaml' }] } },
            { clusters: {} },
          ],
        },
      },
    ],
    template: {
      ...template,
      metadata: { ...(isJsonObject(template.metadata) ? template.metadata : {}), name: '{{ .service.name }}-{{ .name }}' },
    },
  }
  const clusters = clusterFacts(size)
  const inputs = {
    clusters,
    excludeHub: true,
    nowMs: Date.now(),
    answer: () => ({ complete: true as const, value: { files }, proof: 'all' }),
  }
  const ms = Array.from({ length: runs }, () => {
    const { ms: taken, value } = timed(() => expandSet({ metadata: { name: 'shop' }, spec }, inputs, environment))
    if (value.outcome !== 'complete' || value.applications.length !== size * size)
      throw new Error(`the matrix did not expand: ${JSON.stringify(value).slice(0, 400)}`)
    return taken
  })
  figure({
    name: `matrix of ${size} Git files and ${size} clusters`,
    value: ((size * size) / median(ms)) * 1000,
    unit: 'applications/s',
    note: `${(size * size).toLocaleString('en')} applications, ${(median(ms) / 1000).toFixed(2)} s in all`,
  })
}

function applicationsOf(
  spec: ApplicationSetSpec,
  clusters: readonly ClusterFact[],
  environment: ReturnType<typeof generatorEnvironment>,
): void {
  const expansion = expandSet({ metadata: { name: 'shop' }, spec }, { clusters, answer: () => undefined, nowMs: Date.now() }, environment)
  if (expansion.outcome !== 'complete' || expansion.problems.length > 0 || expansion.applications.length !== clusters.length)
    throw new Error(`the set did not expand: ${JSON.stringify(expansion).slice(0, 400)}`)
}
