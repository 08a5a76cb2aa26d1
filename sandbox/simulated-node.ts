import type { KubeRequest } from './kube-client.ts'

const NODE = 'simulated-0'
const CAPACITY = { cpu: '64', memory: '256Gi', pods: '1000' }

/**
 * There is no scheduler: an admission policy writes the one node's name into every new pod. Pods that were created before the
 * API server has taken the policy up would stay Pending for ever, hence `podsArePinned`.
 */
const PIN_PODS = {
  kind: 'MutatingAdmissionPolicy',
  apiVersion: 'admissionregistration.k8s.io/v1',
  metadata: { name: 'pin-pods' },
  spec: {
    matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
    matchConditions: [{ name: 'has-no-node-yet', expression: '!has(object.spec.nodeName)' }],
    failurePolicy: 'Fail',
    reinvocationPolicy: 'Never',
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: `Object{spec: Object.spec{nodeName: '${NODE}'}}` } }],
  },
}

const PIN_PODS_EVERYWHERE = {
  kind: 'MutatingAdmissionPolicyBinding',
  apiVersion: 'admissionregistration.k8s.io/v1',
  metadata: { name: 'pin-pods' },
  spec: { policyName: 'pin-pods' },
}

const NODE_OBJECT = {
  kind: 'Node',
  apiVersion: 'v1',
  metadata: {
    name: NODE,
    annotations: { 'kwok.x-k8s.io/node': 'fake' },
    labels: { 'kubernetes.io/hostname': NODE, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
  },
  status: { capacity: CAPACITY, allocatable: CAPACITY },
}

/** Creates the node and the policy; harmless when they are there (a restart with the same data). */
export async function createSimulatedNode(kube: KubeRequest): Promise<void> {
  const policies = '/apis/admissionregistration.k8s.io/v1'
  await Promise.all([
    create(kube, `${policies}/mutatingadmissionpolicies`, PIN_PODS),
    create(kube, `${policies}/mutatingadmissionpolicybindings`, PIN_PODS_EVERYWHERE),
    create(kube, '/api/v1/nodes', NODE_OBJECT),
  ])
}

/** Whether a pod created now would run: asked with a dry run, which needs the service account `default` as well. */
export async function podsArePinned(kube: KubeRequest): Promise<boolean> {
  const probe = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'probe' }, spec: { containers: [{ name: 'probe', image: 'probe' }] } }
  const { status, body } = await kube('POST', '/api/v1/namespaces/default/pods?dryRun=All', probe)
  return status === 201 && body.spec?.['nodeName'] === NODE
}

async function create(kube: KubeRequest, path: string, object: unknown): Promise<void> {
  const { status, body } = await kube('POST', path, object)
  if (status !== 201 && status !== 409) throw new Error(`POST ${path} was answered with ${status}: ${JSON.stringify(body)}`)
}
