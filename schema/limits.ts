import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql'

/** Bounds of one operation, on every transport. Off is `Number.POSITIVE_INFINITY`, for tests that show that a bound is what holds. */
export interface OperationLimits {
  /** Nested fields. Introspection has its own bound: tools ask deep there. */
  readonly depth: number
  readonly introspectionDepth: number
  /** Aliases, fragments expanded. */
  readonly aliases: number
  /** Fields of the query, mutation or subscription itself, fragments expanded. */
  readonly rootFields: number
  /** Lexical tokens of the document. */
  readonly tokens: number
  /** Fields times page sizes, see the complexity of each field: it bounds the product of nested pages. */
  readonly cost: number
  /** Bytes of a request's body, manifests included. */
  readonly bodyBytes: number
}

export const defaultLimits: OperationLimits = {
  depth: 12,
  introspectionDepth: 20,
  aliases: 30,
  rootFields: 20,
  tokens: 2_000,
  cost: 30_000,
  bodyBytes: 4 * 1024 * 1024,
}

export const pageSizeDefault = 50
export const pageSizeMax = 200

interface Measure {
  readonly depth: number
  readonly introspectionDepth: number
  readonly aliases: number
  readonly fields: number
}

const nothing: Measure = { depth: 0, introspectionDepth: 0, aliases: 0, fields: 0 }

/** Validation rule that holds an operation to depth, aliases and root fields. Tokens are the parser's, cost the complexity plugin's. */
export function operationLimitsRule(limits: OperationLimits): ValidationRule {
  return (context) => ({
    Document: (document: DocumentNode) => {
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION) continue
        for (const message of exceeded(definition, fragmentsOf(document), limits)) {
          context.reportError(new GraphQLError(message, { nodes: [definition], extensions: { code: 'LIMIT_EXCEEDED' } }))
        }
      }
    },
  })
}

function exceeded(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  limits: OperationLimits,
): readonly string[] {
  const found = measure(operation.selectionSet, fragments, new Map())
  const messages: string[] = []
  if (found.depth > limits.depth)
    messages.push(`The operation is ${found.depth} fields deep, the limit is ${limits.depth}: ask in several operations`)
  if (found.introspectionDepth > limits.introspectionDepth) {
    messages.push(`The introspection is ${found.introspectionDepth} fields deep, the limit is ${limits.introspectionDepth}`)
  }
  if (found.aliases > limits.aliases) messages.push(`The operation has ${found.aliases} aliases, the limit is ${limits.aliases}`)
  if (found.fields > limits.rootFields) messages.push(`The operation has ${found.fields} root fields, the limit is ${limits.rootFields}`)
  return messages
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  return fragments
}

/**
 * Fragments are measured once each and counted wherever they are spread, so that a document that doubles itself is measured in
 * linear time. `fields` are those of this selection set alone. A cycle counts as nothing: another rule refuses it.
 */
function measure(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  done: Map<string, Measure | 'active'>,
): Measure {
  let total = nothing
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const inner = selection.selectionSet === undefined ? nothing : measure(selection.selectionSet, fragments, done)
      const introspection = selection.name.value.startsWith('__')
      const deepest = 1 + Math.max(inner.depth, inner.introspectionDepth)
      total = add(total, {
        depth: introspection ? 0 : 1 + inner.depth,
        introspectionDepth: introspection ? deepest : inner.introspectionDepth,
        aliases: inner.aliases + (selection.alias === undefined ? 0 : 1),
        fields: 1,
      })
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      total = add(total, measure(selection.selectionSet, fragments, done))
    } else {
      total = add(total, measureFragment(selection.name.value, fragments, done))
    }
  }
  return total
}

function measureFragment(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  done: Map<string, Measure | 'active'>,
): Measure {
  const known = done.get(name)
  if (known !== undefined) return known === 'active' ? nothing : known
  const fragment = fragments.get(name)
  if (fragment === undefined) return nothing
  done.set(name, 'active')
  const found = measure(fragment.selectionSet, fragments, done)
  done.set(name, found)
  return found
}

function add(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
    aliases: a.aliases + b.aliases,
    fields: a.fields + b.fields,
  }
}
