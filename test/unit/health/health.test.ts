import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HealthStatus } from '../../../fleet/application.ts'
import { aggregateHealth, assessHealth, isWorse, type ResourceHealth } from '../../../fleet/health/health.ts'
import type { JsonObject } from '../../../fleet/json.ts'

function object(apiVersion: string, kind: string, rest: { spec?: object; status?: object; metadata?: object } = {}): JsonObject {
  return {
    apiVersion,
    kind,
    metadata: { name: 'it', namespace: 'web', generation: 2, ...rest.metadata },
    spec: rest.spec ?? {},
    status: rest.status ?? {},
  } as JsonObject
}
const statusOf = (one: JsonObject) => assessHealth(one)?.status ?? null

describe('Deployment', () => {
  const done = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 }
  const deployment = (status: object, spec: object = {}) =>
    object('apps/v1', 'Deployment', { spec: { replicas: 3, ...spec }, status: { ...done, ...status } })
  it.each<[string, JsonObject, HealthStatus]>([
    ['with all replicas updated and available', deployment({}), 'Healthy'],
    ['whose controller has not seen the newest spec', deployment({ observedGeneration: 1 }), 'Progressing'],
    ['with replicas to update', deployment({ updatedReplicas: 2, replicas: 3 }), 'Progressing'],
    ['with old replicas left', deployment({ replicas: 4 }), 'Progressing'],
    ['with replicas that are not available', deployment({ availableReplicas: 2 }), 'Progressing'],
    [
      'past its deadline',
      deployment({ updatedReplicas: 1, conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded', status: 'False' }] }),
      'Degraded',
    ],
    [
      'past the deadline of an older spec',
      deployment({ observedGeneration: 1, conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }] }),
      'Progressing',
    ],
    ['that is paused', deployment({ observedGeneration: 1 }, { paused: true }), 'Suspended'],
    ['scaled to zero', object('apps/v1', 'Deployment', { spec: { replicas: 0 }, status: { observedGeneration: 2 } }), 'Healthy'],
    ['of a version that is long gone', object('apps/v1beta1', 'Deployment'), 'Unknown'],
  ])('%s', (_, one, status) => {
    expect(statusOf(one)).toBe(status)
  })
})

describe('StatefulSet', () => {
  const set = (status: object, spec: object = {}) =>
    object('apps/v1', 'StatefulSet', {
      spec: { replicas: 3, ...spec },
      status: { observedGeneration: 2, readyReplicas: 3, updatedReplicas: 3, currentRevision: 'a', updateRevision: 'a', ...status },
    })
  const partition = (value: number) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: value } } })
  it.each<[string, JsonObject, HealthStatus]>([
    ['at one revision', set({}), 'Healthy'],
    ['never observed', set({ observedGeneration: 0 }), 'Progressing'],
    ['with pods that are not ready', set({ readyReplicas: 2 }), 'Progressing'],
    ['at two revisions', set({ updateRevision: 'b' }), 'Progressing'],
    ['at two revisions but updated on delete', set({ updateRevision: 'b' }, { updateStrategy: { type: 'OnDelete' } }), 'Healthy'],
    ['updated down to its partition', set({ updatedReplicas: 1, updateRevision: 'b' }, partition(2)), 'Healthy'],
    ['not updated down to its partition', set({ updatedReplicas: 1, updateRevision: 'b' }, partition(1)), 'Progressing'],
  ])('%s', (_, one, status) => {
    expect(statusOf(one)).toBe(status)
  })
})

describe('DaemonSet and ReplicaSet', () => {
  const daemon = (status: object, spec: object = {}) =>
    object('apps/v1', 'DaemonSet', {
      spec,
      status: { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3, ...status },
    })
  const replicas = (status: object) =>
    object('apps/v1', 'ReplicaSet', { spec: { replicas: 2 }, status: { observedGeneration: 2, availableReplicas: 2, ...status } })
  it.each<[string, JsonObject, HealthStatus]>([
    ['a daemon set on all nodes', daemon({}), 'Healthy'],
    ['a daemon set not yet seen', daemon({ observedGeneration: 1 }), 'Progressing'],
    ['a daemon set with nodes to update', daemon({ updatedNumberScheduled: 1 }), 'Progressing'],
    ['a daemon set updated on delete', daemon({ updatedNumberScheduled: 1 }, { updateStrategy: { type: 'OnDelete' } }), 'Healthy'],
    ['a daemon set with pods that are not available', daemon({ numberAvailable: 1 }), 'Progressing'],
    ['a replica set with all', replicas({}), 'Healthy'],
    ['a replica set with too few', replicas({ availableReplicas: 1 }), 'Progressing'],
    [
      'a replica set that may not create pods',
      replicas({ conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'quota' }] }),
      'Degraded',
    ],
    [
      'a replica set not yet seen',
      replicas({ observedGeneration: 1, conditions: [{ type: 'ReplicaFailure', status: 'True' }] }),
      'Progressing',
    ],
  ])('%s', (_, one, status) => {
    expect(statusOf(one)).toBe(status)
  })
})

describe('Pod', () => {
  const pod = (restartPolicy: string, status: object, annotations: object = {}) =>
    object('v1', 'Pod', { spec: { restartPolicy }, status, metadata: { annotations } })
  const ready = [{ type: 'Ready', status: 'True' }]
  const waiting = (reason: string) => [{ state: { waiting: { reason, message: 'why' } } }]
  const ignore = { 'argocd.argoproj.io/ignore-restart-policy': 'true' }
  it.each<[string, JsonObject, HealthStatus]>([
    ['running and ready', pod('Always', { phase: 'Running', conditions: ready }), 'Healthy'],
    ['running and not yet ready', pod('Always', { phase: 'Running' }), 'Progressing'],
    [
      'running after a crash',
      pod('Always', { phase: 'Running', containerStatuses: [{ lastState: { terminated: { exitCode: 1 } } }] }),
      'Degraded',
    ],
    ['whose image cannot be pulled', pod('Always', { phase: 'Pending', containerStatuses: waiting('ImagePullBackOff') }), 'Degraded'],
    ['whose image is wrong', pod('Always', { phase: 'Pending', containerStatuses: waiting('ErrImagePull') }), 'Degraded'],
    [
      'whose configuration is missing',
      pod('Always', { phase: 'Pending', containerStatuses: waiting('CreateContainerConfigError') }),
      'Degraded',
    ],
    ['that is being created', pod('Always', { phase: 'Pending', containerStatuses: waiting('ContainerCreating') }), 'Progressing'],
    [
      'with an end, whose image cannot be pulled',
      pod('Never', { phase: 'Pending', containerStatuses: waiting('ImagePullBackOff') }),
      'Progressing',
    ],
    ['with an end, running and ready', pod('OnFailure', { phase: 'Running', conditions: ready }), 'Progressing'],
    ['with an end that is ignored', pod('Never', { phase: 'Running', conditions: ready }, ignore), 'Healthy'],
    [
      'with an end that is ignored, but a hook',
      pod('Never', { phase: 'Running', conditions: ready }, { ...ignore, 'argocd.argoproj.io/hook': 'PreSync' }),
      'Progressing',
    ],
    ['that succeeded', pod('Never', { phase: 'Succeeded' }), 'Healthy'],
    ['that failed', pod('Never', { phase: 'Failed' }), 'Degraded'],
    ['of which nothing is heard', pod('Always', { phase: 'Unknown' }), 'Unknown'],
  ])('%s', (_, one, status) => {
    expect(statusOf(one)).toBe(status)
  })

  it('that failed says why, in the words of the pod or of the first container that does', () => {
    const ended = (name: string, terminated: object) => ({ name, state: { terminated } })
    const message = (status: object) => assessHealth(pod('Never', { phase: 'Failed', ...status }))?.message
    expect(message({ message: 'evicted' })).toBe('evicted')
    expect(
      message({ initContainerStatuses: [ended('init', { exitCode: 3 })], containerStatuses: [ended('web', { message: 'bad' })] }),
    ).toBe('container "init" failed with exit code 3')
    expect(message({ containerStatuses: [ended('fine', { exitCode: 0 }), ended('web', { reason: 'OOMKilled', exitCode: 137 })] })).toBe(
      'OOMKilled',
    )
    expect(message({})).toBe('')
  })
})

describe('Job and Workflow', () => {
  const job = (...conditions: object[]) => object('batch/v1', 'Job', { status: { conditions } })
  const workflow = (phase: string) => object('argoproj.io/v1alpha1', 'Workflow', { status: { phase } })
  it.each<[string, JsonObject, HealthStatus]>([
    ['a running job', job(), 'Progressing'],
    ['a complete job', job({ type: 'Complete', status: 'True' }), 'Healthy'],
    ['a failed job', job({ type: 'Failed', status: 'True' }), 'Degraded'],
    ['a suspended job', job({ type: 'Suspended', status: 'True' }), 'Suspended'],
    ['a job that was resumed and completed', job({ type: 'Suspended', status: 'False' }, { type: 'Complete', status: 'True' }), 'Healthy'],
    ['a new workflow', workflow(''), 'Progressing'],
    ['a running workflow', workflow('Running'), 'Progressing'],
    ['a workflow that succeeded', workflow('Succeeded'), 'Healthy'],
    ['a workflow in error', workflow('Error'), 'Degraded'],
    ['a workflow in a phase of tomorrow', workflow('Dreaming'), 'Unknown'],
  ])('%s', (_, one, status) => {
    expect(statusOf(one)).toBe(status)
  })
})

describe('network, storage, autoscaling and API services', () => {
  const addressed = { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } }
  const autoscaler = (...conditions: object[]) => object('autoscaling/v2', 'HorizontalPodAutoscaler', { status: { conditions } })
  const oldAutoscaler = (text?: string) =>
    object('autoscaling/v1', 'HorizontalPodAutoscaler', {
      metadata: { annotations: text === undefined ? {} : { 'autoscaling.alpha.kubernetes.io/conditions': text } },
    })
  const available = (status: string) =>
    object('apiregistration.k8s.io/v1', 'APIService', { status: { conditions: [{ type: 'Available', status }] } })
  it.each<[string, JsonObject, HealthStatus]>([
    ['a cluster-internal service', object('v1', 'Service', { spec: { type: 'ClusterIP' } }), 'Healthy'],
    ['a load balancer without an address', object('v1', 'Service', { spec: { type: 'LoadBalancer' } }), 'Progressing'],
    ['a load balancer with one', object('v1', 'Service', { spec: { type: 'LoadBalancer' }, status: addressed }), 'Healthy'],
    ['an ingress without an address', object('networking.k8s.io/v1', 'Ingress'), 'Progressing'],
    ['an ingress with one', object('networking.k8s.io/v1', 'Ingress', { status: addressed }), 'Healthy'],
    ['a bound claim', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Bound' } }), 'Healthy'],
    ['a pending claim', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }), 'Progressing'],
    ['a lost claim', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Lost' } }), 'Degraded'],
    ['a claim of which nothing is known', object('v1', 'PersistentVolumeClaim'), 'Unknown'],
    ['a new autoscaler', autoscaler(), 'Progressing'],
    ['an autoscaler that can scale', autoscaler({ type: 'AbleToScale', status: 'True' }), 'Healthy'],
    [
      'an autoscaler without metrics',
      autoscaler({ type: 'AbleToScale', status: 'True' }, { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric' }),
      'Degraded',
    ],
    ['an autoscaler of v1 without conditions', oldAutoscaler(), 'Progressing'],
    ['an autoscaler of v1 with an empty list', oldAutoscaler('[]'), 'Progressing'],
    ['an autoscaler of v1 that can scale', oldAutoscaler('[{"type":"AbleToScale","status":"True"}]'), 'Healthy'],
    ['an autoscaler of v1 with something else there', oldAutoscaler('{'), 'Unknown'],
    ['an autoscaler of v2beta2', object('autoscaling/v2beta2', 'HorizontalPodAutoscaler'), 'Unknown'],
    ['an API service that answers', available('True'), 'Healthy'],
    ['an API service that does not', available('False'), 'Progressing'],
    ['a new API service', object('apiregistration.k8s.io/v1', 'APIService'), 'Progressing'],
  ])('%s', (_, one, status) => {
    expect(statusOf(one)).toBe(status)
  })
})

describe('any object', () => {
  it('has no health when its kind has none', () => {
    for (const [apiVersion, kind] of [
      ['v1', 'ConfigMap'],
      ['batch/v1', 'CronJob'],
      ['example.com/v1', 'Deployment'],
      ['v1', 'Namespace'],
    ] as const)
      expect(assessHealth(object(apiVersion, kind))).toBeNull()
  })

  it('is Progressing while it is being deleted, unless a hook finalizer holds it back', () => {
    const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' }
    expect(assessHealth(object('v1', 'ConfigMap', { metadata: deleted }))).toEqual({ status: 'Progressing', message: 'Pending deletion' })
    expect(
      assessHealth(object('v1', 'ConfigMap', { metadata: { ...deleted, finalizers: ['argocd.argoproj.io/hook-finalizer'] } })),
    ).toBeNull()
  })

  it('is assessed without a throw, whatever it holds', () => {
    const kinds = [
      'apps/v1/Deployment',
      'apps/v1/StatefulSet',
      'apps/v1/DaemonSet',
      'apps/v1/ReplicaSet',
      'v1/Pod',
      'v1/Service',
      'batch/v1/Job',
      'autoscaling/v1/HorizontalPodAutoscaler',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (name, metadata, spec, status) => {
        const at = name.lastIndexOf('/')
        expect(assessHealth({ apiVersion: name.slice(0, at), kind: name.slice(at + 1), metadata, spec, status })?.status).toMatch(/^[A-Z]/)
      }),
    )
  })
})

describe('application', () => {
  const resource = (name: string, health: HealthStatus | null, live: JsonObject | null = {}): ResourceHealth => ({
    key: { group: 'apps', kind: 'Deployment', namespace: 'web', name },
    health,
    live,
  })

  it('is as healthy as its worst resource, and names the first that are so', () => {
    expect(aggregateHealth([resource('a', 'Healthy'), resource('b', null)])).toEqual({ status: 'Healthy', message: '' })
    expect(aggregateHealth([resource('a', 'Progressing'), resource('b', 'Degraded'), resource('c', 'Healthy')])).toEqual({
      status: 'Degraded',
      message: 'Caused by apps/Deployment:web/b',
    })
    expect(aggregateHealth(['a', 'b', 'c', 'd', 'e'].map((name) => resource(name, 'Progressing'))).message).toMatch(
      /web\/a, .*web\/b, .*web\/c and 2 more$/,
    )
  })

  it('is Missing only when all of it is', () => {
    expect(aggregateHealth([resource('a', 'Missing', null), resource('b', 'Healthy')]).status).toBe('Healthy')
    expect(aggregateHealth([resource('a', 'Missing', null), resource('b', 'Missing', null)]).status).toBe('Missing')
    expect(aggregateHealth([]).status).toBe('Healthy')
  })

  it('leaves out what is annotated, and child applications of which nothing is known', () => {
    const ignored = { metadata: { annotations: { 'argocd.argoproj.io/ignore-healthcheck': 'true' } } }
    expect(aggregateHealth([resource('a', 'Degraded', ignored)]).status).toBe('Healthy')
    expect(
      aggregateHealth([{ key: { group: 'argoproj.io', kind: 'Application', namespace: 'argocd', name: 'x' }, health: 'Unknown', live: {} }])
        .status,
    ).toBe('Healthy')
  })

  it('never becomes healthier by one resource more', () => {
    const any = fc.constantFrom<HealthStatus>('Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown')
    fc.assert(
      fc.property(fc.array(any), any, (statuses, more) => {
        const of = (list: HealthStatus[]) => aggregateHealth(list.map((status, index) => resource(String(index), status))).status
        expect(isWorse(of([...statuses, more]), of(statuses))).toBe(false)
      }),
    )
  })
})
