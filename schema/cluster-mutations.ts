import { registerCluster } from '../commands/register-cluster.ts'
import { removeCluster } from '../commands/remove-cluster.ts'
import { rotateClusterCredentials } from '../commands/rotate-cluster-credentials.ts'
import { updateCluster } from '../commands/update-cluster.ts'
import type { Cluster } from '../fleet/cluster.ts'
import { builder } from './builder.ts'
import { recordOf } from './filters.ts'
import { encodeGlobalId, rowId } from './global-id.ts'
import { addressOf, ClusterCredentialsInput, credentialsOf } from './inputs.ts'
import { AnnotationInput, LabelInput } from './metadata.ts'
import { outcomeOf, payloadRef } from './payload.ts'
import { ClusterRef } from './refs.ts'

function clusterPayload(name: string, description: string) {
  return payloadRef<Cluster>(name).implement({
    description,
    fields: (t) => ({
      cluster: t.field({
        type: ClusterRef,
        nullable: true,
        description: 'The cluster as it is now; null when refused.',
        resolve: (outcome) => outcome.value,
      }),
    }),
  })
}

const RegisterClusterInputRef = builder.inputType('RegisterClusterInput', {
  description: 'A cluster to register.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique. What `destination.name` will mean.' }),
    server: t.string({ description: 'https URL of its API server. Not with a kubeconfig.' }),
    caData: t.string({
      description:
        "PEM of the CA that signed the server's certificate, or base64 of it; the system's roots by default. Not with a kubeconfig.",
    }),
    tlsServerName: t.string({ description: "Name in the server's certificate, where it is not the host of `server`." }),
    labels: t.field({ type: [LabelInput], description: 'For generators, stages and filters.' }),
    annotations: t.field({ type: [AnnotationInput], description: 'For templates.' }),
    project: t.string({ description: 'AppProject that it belongs to; all may use it by default.' }),
    credentials: t.field({
      type: ClusterCredentialsInput,
      required: true,
      description: 'How to sign in. Sealed at rest, never given back.',
    }),
    allowUnreachable: t.boolean({ defaultValue: false, description: 'Register it though it cannot be reached now.' }),
  }),
})

const UpdateClusterInputRef = builder.inputType('UpdateClusterInput', {
  description: 'What to change of a cluster. A list that is given replaces the whole list.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id.' }),
    labels: t.field({ type: [LabelInput], description: 'All labels as they shall be.' }),
    annotations: t.field({ type: [AnnotationInput], description: 'All annotations as they shall be.' }),
    expectedGeneration: t.int({ description: 'Refused with CONFLICT when the generation is another by now.' }),
  }),
})

const RotateClusterCredentialsInputRef = builder.inputType('RotateClusterCredentialsInput', {
  description: 'New credentials of a cluster, and a new address where it has moved. They are tried before they are stored.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id.' }),
    credentials: t.field({ type: ClusterCredentialsInput, required: true, description: 'How to sign in from now on.' }),
    server: t.string({ description: 'New URL; as it is by default.' }),
    caData: t.string({ description: 'New CA; as it is by default, unless the server changes.' }),
    tlsServerName: t.string({ description: 'New server name; as it is by default, unless the server changes.' }),
    allowUnreachable: t.boolean({ defaultValue: false, description: 'Store them though the cluster cannot be reached now.' }),
    allowDifferentCluster: t.boolean({
      defaultValue: false,
      description: 'Store them though another cluster answers than before, as after a rebuild.',
    }),
  }),
})

const RemoveApplicationsEnum = builder.enumType('RemoveApplications', {
  description: 'What becomes of the applications that target a cluster which is to be removed.',
  values: {
    REFUSE: { value: 'refuse', description: 'The cluster stays while there are any.' },
    DELETE: { value: 'cascade', description: 'They are deleted with what they made.' },
    ORPHAN: { value: 'orphan', description: 'They are forgotten; what they made stays in the cluster.' },
  } as const,
})

const RemoveClusterInputRef = builder.inputType('RemoveClusterInput', {
  description: 'A cluster to remove.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id.' }),
    applications: t.field({ type: RemoveApplicationsEnum, defaultValue: 'refuse', description: 'What becomes of its applications.' }),
  }),
})

const RegisterClusterPayload = clusterPayload('RegisterClusterPayload', 'The cluster that was registered.')
const UpdateClusterPayload = clusterPayload('UpdateClusterPayload', 'The cluster that was changed.')
const RotateClusterCredentialsPayload = clusterPayload('RotateClusterCredentialsPayload', 'The cluster whose credentials were replaced.')

const RemoveClusterPayload = payloadRef<{ readonly cluster: Cluster; readonly removed: boolean }>('RemoveClusterPayload').implement({
  description: 'A cluster that is gone, or going.',
  fields: (t) => ({
    cluster: t.field({
      type: ClusterRef,
      nullable: true,
      description: 'While it is still going: it stays until the last of its applications is gone.',
      resolve: ({ value }) => (value === null || value.removed ? null : value.cluster),
    }),
    removedId: t.id({
      nullable: true,
      description: 'Its global id, when it is gone.',
      resolve: ({ value }) => (value === null || !value.removed ? null : encodeGlobalId('Cluster', value.cluster.id)),
    }),
  }),
})

builder.mutationFields((t) => ({
  registerCluster: t.field({
    type: RegisterClusterPayload,
    description: 'Registers a cluster: connects, reads its version and uid, and stores its credentials sealed.',
    args: { input: t.arg({ type: RegisterClusterInputRef, required: true, description: 'What to register.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () =>
        registerCluster(commands, viewer, {
          name: input.name,
          ...addressOf(input),
          labels: recordOf(input.labels, 'labels') ?? {},
          annotations: recordOf(input.annotations, 'annotations') ?? {},
          project: input.project ?? null,
          credentials: credentialsOf(input.credentials),
          allowUnreachable: input.allowUnreachable ?? false,
        }),
      ),
  }),
  updateCluster: t.field({
    type: UpdateClusterPayload,
    description: 'Changes labels and annotations of a cluster. Sets that select by them look again.',
    args: { input: t.arg({ type: UpdateClusterInputRef, required: true, description: 'What to change.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () =>
        updateCluster(commands, viewer, {
          id: rowId('Cluster', input.id),
          labels: recordOf(input.labels, 'labels'),
          annotations: recordOf(input.annotations, 'annotations'),
          expectedGeneration: input.expectedGeneration ?? undefined,
        }),
      ),
  }),
  rotateClusterCredentials: t.field({
    type: RotateClusterCredentialsPayload,
    description: 'Replaces the credentials of a cluster, and its address with them where it has moved.',
    args: { input: t.arg({ type: RotateClusterCredentialsInputRef, required: true, description: 'The new ones.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () =>
        rotateClusterCredentials(commands, viewer, {
          id: rowId('Cluster', input.id),
          ...addressOf(input),
          credentials: credentialsOf(input.credentials),
          allowUnreachable: input.allowUnreachable ?? false,
          allowDifferentCluster: input.allowDifferentCluster ?? false,
        }),
      ),
  }),
  removeCluster: t.field({
    type: RemoveClusterPayload,
    description: 'Removes a cluster. Refused while applications target it, unless told what becomes of them.',
    args: { input: t.arg({ type: RemoveClusterInputRef, required: true, description: 'Which.' }) },
    complexity: 10,
    resolve: (_root, { input }, { commands, viewer, loaders }) =>
      outcomeOf(loaders, () =>
        removeCluster(commands, viewer, { id: rowId('Cluster', input.id), applications: input.applications ?? 'refuse' }),
      ),
  }),
}))
