import type { SandboxCluster } from '../../../sandbox/kube.ts'
import { waitUntilReady } from '../../../toolchain/process.ts'

// A type of custom resources like the PlacementDecisions of Open Cluster Management: a status with decisions, and no controller.

export const apiVersion = 'placements.example.io/v1beta1'
export const resource = 'placementdecisions'
const kind = 'PlacementDecision'
const [group = '', version = ''] = apiVersion.split('/')

type Cluster = Pick<SandboxCluster, 'request'>

/** Makes the namespace and the type, and waits until the type is served. */
export async function serveDecisions({ request }: Cluster, namespace = 'argocd'): Promise<void> {
  await request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  await request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: resource, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
        },
      ],
    },
  })
  await waitUntilReady({
    what: resource,
    deadlineMs: 20_000,
    probe: async () => (await request('GET', collection(namespace))).status === 200,
  })
}

export interface Decisions {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Names of clusters; left out, there is no status yet. */
  readonly clusters?: readonly string[]
}

/** Creates or replaces one, and its status. */
export async function decide({ request }: Cluster, decisions: Decisions): Promise<void> {
  const { name, namespace = 'argocd', labels = {}, clusters } = decisions
  const path = `${collection(namespace)}/${name}`
  const object = { apiVersion, kind, metadata: { name, labels }, spec: { note: 'nobody reads this' } }
  const made = await request('POST', collection(namespace), object)
  if (made.status !== 201 && made.status !== 409) throw new Error(`${name} was not made: ${made.body.message}`)
  if (clusters === undefined) return
  const status = { decisions: clusters.map((clusterName, at) => ({ clusterName, score: at })) }
  const put = await request('PATCH', `${path}/status`, { status }, 'application/merge-patch+json')
  if (put.status !== 200) throw new Error(`${name} got no status: ${put.body.message}`)
}

/** A token of a new service account with a Role in `namespace` that has one rule. */
export async function tokenWith(
  { request }: Cluster,
  account: string,
  rule: { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] },
  namespace = 'argocd',
): Promise<string> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  const metadata = { name: account }
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  await request('POST', accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata })
  await request('POST', `${rbac}/roles`, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [rule] })
  await request('POST', `${rbac}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })
  const { body } = await request<{ status: { token: string } }>('POST', `${accounts}/${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  })
  return body.status.token
}

function collection(namespace: string): string {
  return `/apis/${apiVersion}/namespaces/${namespace}/${resource}`
}
