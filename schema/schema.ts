import './apply-manifest.ts'
import './application-mutations.ts'
import './application-set.ts'
import './application.ts'
import './change.ts'
import './cluster-mutations.ts'
import './cluster.ts'
import './fleet.ts'
import './generate.ts'
import './node.ts'
import './plan-preview.ts'
import './project.ts'
import './repository-mutations.ts'
import './repository.ts'
import './rollout-mutations.ts'
import './rollout.ts'
import './secret.ts'
import './token.ts'
import type { GraphQLSchema } from 'graphql'
import { builder } from './builder.ts'

/** The whole API. schema.graphql is what it prints, and a test holds them together. */
export function buildSchema(): GraphQLSchema {
  return builder.toSchema()
}
