import { FleetError } from '../../../fleet/errors.ts'
import { isJsonObject } from '../../../fleet/json.ts'
import { credentialOf } from '../../../repos/scm/credentials.ts'
import type { Adapters } from '../adapter.ts'

export const secretAdapters: Adapters = {
  secret_ref: {
    run: async ({ ref, secret, namespace: lookedIn }) => {
      const { name, namespace, data } = isJsonObject(secret) ? secret : {}
      const read = ({ secretName, key }: { readonly secretName: string; readonly key: string }) => {
        const text = secretName === name && namespace === lookedIn && isJsonObject(data) ? data[key] : undefined
        return Promise.resolve(typeof text === 'string' ? text : null)
      }
      try {
        const credential = await credentialOf({ tokenRef: ref }, read)
        return { value: { token: credential.kind === 'token' ? credential.token : '' } }
      } catch (error) {
        if (error instanceof FleetError) return { error: error.message }
        throw error
      }
    },
  },
}
