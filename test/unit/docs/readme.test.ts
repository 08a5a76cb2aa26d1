import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { planRollout } from '../../../fleet/rollout/plan-rollout.ts'
import { expandSet } from '../../../generators/expand-set.ts'
import { parseManifests } from '../../../manifests/parse.ts'
import { unsupportedProblems } from '../../../manifests/unsupported.ts'
import { buildSchema } from '../../../schema/schema.ts'
import { generatorEnvironment } from '../../../server/generator-environment.ts'

const root = join(import.meta.dirname, '../../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^( *)\`\`\`${language}\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

describe('the README', () => {
  it('shows an ApplicationSet that is accepted, expands, and whose stages are as it says', () => {
    const [yaml = ''] = blocks('yaml')
    const { value, problems } = parseManifests(yaml)
    expect(problems).toEqual([])
    const [set] = value ?? []
    if (set?.kind !== 'ApplicationSet') throw new Error('no ApplicationSet')
    expect(unsupportedProblems(set)).toEqual([])

    const clusters = [
      { name: 'eu-west-1', labels: { region: 'eu-west', canary: 'true' } },
      { name: 'us-east-1', labels: { region: 'us-east' } },
      { name: 'eu-west-2', labels: { region: 'eu-west' } },
    ].map((cluster) => ({ ...cluster, server: `https://${cluster.name}.example.com`, project: '', annotations: {} }))
    const expansion = expandSet(
      { metadata: set.metadata, spec: set.spec },
      { clusters, answer: () => undefined, nowMs: 0, excludeHub: true },
      generatorEnvironment(),
    )
    if (expansion.outcome !== 'complete') throw new Error(JSON.stringify(expansion))
    expect(expansion.applications.map(({ manifest }) => manifest.metadata.name).toSorted()).toEqual([
      'web-eu-west-1',
      'web-eu-west-2',
      'web-us-east-1',
    ])
    const targets = clusters.map(({ name, labels }) => ({
      applicationId: name,
      applicationName: `web-${name}`,
      clusterId: name,
      clusterName: name,
      clusterLabels: labels,
      applicationLabels: {},
      fromVersionId: null,
      toVersionId: 'v',
    }))
    const planned = planRollout({ strategy: set.spec.strategy, targets, allClusters: [], digest: () => '' })
    expect(planned.problems).toEqual([])
    expect(planned.value?.stages.map((stage) => [stage.name, stage.targets.map((target) => target.clusterName)])).toEqual([
      ['canary', ['eu-west-1']],
      ['eu-west', ['eu-west-2']],
      ['us-east', ['us-east-1']],
    ])
  })

  it('shows manifests that are accepted', () => {
    const manifests = blocks('yaml')
    expect(manifests).toHaveLength(2)
    for (const yaml of manifests) {
      const { value, problems } = parseManifests(yaml)
      expect(problems).toEqual([])
      expect((value ?? []).flatMap(unsupportedProblems)).toEqual([])
    }
  })

  it('shows GraphQL that the schema takes', () => {
    const operations = blocks('graphql')
    expect(operations).not.toEqual([])
    for (const operation of operations) expect(validate(buildSchema(), parse(operation))).toEqual([])
  })

  it('names npm scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
    for (const [, name] of readme.matchAll(/npm run (?:-s )?(\w+)/g)) expect(Object.keys(scripts)).toContain(name)
  })
})

describe('the documentation', () => {
  const files = ['README.md', 'docs', 'docs/adr', 'docs/reference'].flatMap((path) =>
    path.endsWith('.md') ? [path] : readdirSync(join(root, path)).flatMap((name) => (name.endsWith('.md') ? [`${path}/${name}`] : [])),
  )

  it.each(files)('%s links to, and names, files that there are', (file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => join(dirname(file), link))
    const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|mjs|md|json|graphql))`/g)].map(([, path = '']) => path)
    const missing = [...links, ...named].filter((path) => !path.startsWith('..') && !existsSync(join(root, path)))
    expect(missing).toEqual([])
  })
})
