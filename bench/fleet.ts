import type { ApplicationSetSpec } from '../fleet/application-set.ts'
import type { JsonObject } from '../fleet/json.ts'
import type { ClusterFact } from '../generators/generator.ts'

const regions = ['eu-west', 'eu-north', 'us-east', 'us-west', 'ap-south']

/** Clusters as fleets have them: five regions, some labels. */
export function clusterFacts(count: number): ClusterFact[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `cluster-${String(i).padStart(5, '0')}`
    return {
      name,
      server: `https://${name}.example.test:6443`,
      project: '',
      labels: {
        region: regions[i % regions.length] ?? '',
        environment: 'production',
        tier: i % 3 === 0 ? 'gold' : 'silver',
        team: `team-${i % 17}`,
      },
      annotations: { 'example.test/contact': `team-${i % 17}@example.test` },
    }
  })
}

/** Thirty templated fields, in either of Argo CD's template languages. */
export function setOfThirtyFields(goTemplate: boolean): ApplicationSetSpec {
  const name = goTemplate ? '{{ .name }}' : '{{name}}'
  const server = goTemplate ? '{{ .server }}' : '{{server}}'
  const label = (key: string) => (goTemplate ? `{{ .metadata.labels.${key} }}` : `{{metadata.labels.${key}}}`)
  // What people do with sprig, where there is sprig.
  const shaped = goTemplate
    ? [
        '{{ .name | upper }}',
        '{{ .metadata.labels.tier | default "bronze" | quote }}',
        '{{ if eq .metadata.labels.region "eu-west" }}near{{ else }}far{{ end }}',
        '{{ printf "%s-%s" .name .metadata.labels.team | trunc 40 }}',
      ]
    : [name, label('tier'), label('region'), `${name}-${label('team')}`]
  const numbered = (prefix: string, count: number): JsonObject =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}-${i}`, shaped[i % shaped.length] ?? '']))
  return {
    goTemplate,
    ...(goTemplate ? { goTemplateOptions: ['missingkey=error'] } : {}),
    generators: [{ clusters: { selector: { matchLabels: { environment: 'production' } } } }],
    template: {
      metadata: {
        name: `shop-${name}`,
        // 3 + 8 + 8 of the thirty
        labels: { region: label('region'), team: label('team'), ...numbered('label', 8) },
        annotations: numbered('note', 8),
      },
      spec: {
        project: 'default',
        source: {
          repoURL: 'https://git.example.test/shop.git',
          targetRevision: 'main',
          path: `overlays/${label('tier')}`,
          // 1 + 8 + 1
          kustomize: { commonAnnotations: numbered('kustomize', 8), namePrefix: `${label('team')}-` },
        },
        // 1
        destination: { server, namespace: 'shop' },
        syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
      },
    },
  }
}
