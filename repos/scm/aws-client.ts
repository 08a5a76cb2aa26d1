import type { CodeCommit } from '@aws-sdk/client-codecommit'
import type { ResourceGroupsTaggingAPI } from '@aws-sdk/client-resource-groups-tagging-api'
import type { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { SingleFlight } from '../single-flight.ts'
import { type AwsPlace, awsFailure } from './aws-failure.ts'

interface Asking {
  readonly abortSignal: AbortSignal
}

/** Asks one service through its client of the AWS SDK. Errors: those of `awsFailure`, and whatever the request handler throws. */
export interface AwsClient<Sdk> {
  readonly ask: <T>(operation: string, send: (client: Sdk, asking: Asking) => Promise<unknown>, schema: z.ZodType<T>) => Promise<T>
}

/** What the settings of `awsCodeCommit` say whom to ask as whom. */
export interface AwsClients {
  readonly codecommit: AwsClient<CodeCommit>
  readonly tagging: AwsClient<ResourceGroupsTaggingAPI>
}

export function createAwsClient<Sdk>(client: Sdk, place: AwsPlace, signal: AbortSignal | undefined): AwsClient<Sdk> {
  return {
    ask: async (operation, send, schema) => {
      // The SDK doesn't leave while it waits for credentials, which others may wait for as well.
      const answer = await new SingleFlight<unknown>()
        .run(operation, signal, (abortSignal) => send(client, { abortSignal }))
        .catch((error: unknown) => {
          signal?.throwIfAborted()
          throw awsFailure(error, operation, place)
        })
      const result = schema.safeParse(answer)
      if (result.success) return result.data
      const [issue] = result.error.issues
      const where = issue?.path.join('.') ?? ''
      throw new FleetError(
        'GIT_UNREACHABLE',
        `${place.where}: ${operation} answers with JSON of another shape (${where}: ${issue?.message ?? ''})`,
      )
    },
  }
}
