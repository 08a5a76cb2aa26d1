import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { GitApi } from 'azure-devops-node-api/GitApi.js'
import { z } from 'zod'
import { FleetError } from '../../fleet/errors.ts'
import { checked, type HostClient, jsonOf } from './host-client.ts'

const location = z.object({ id: z.string(), area: z.string(), resourceName: z.string(), routeTemplate: z.string().min(1) })
const locationsSchema = z.object({ value: z.array(location).min(1) })

/**
 * Azure DevOps' own client, which asks the server where its resources are and in which versions; what it asks goes through ours. It joins paths itself,
 * so that names have to be checked before it gets them.
 */
export function azureGitApiOf(client: HostClient): GitApi {
  const api = new GitApi(client.base.href, [])
  const request: typeof api.http.request = async (method, url, body, headers) => {
    const response = await client.fetch(url, { method, headers, body }).catch((error: unknown) => {
      throw method === 'OPTIONS' ? elsewhere(error) : error
    })
    const text = await response.text()
    const value = jsonOf(text)
    if (method === 'OPTIONS') checked(value, locationsSchema, url)
    // The client takes it for a list as well, though Azure never answers so: an empty one would say that there is nothing.
    else if (Array.isArray(value))
      throw new FleetError('GIT_UNREACHABLE', `${client.base.origin} answers with a bare list: is this Azure DevOps?`)
    const message = Object.assign(new IncomingMessage(new Socket()), {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
    })
    return { message, readBody: async () => text }
  }
  api.http.request = request
  api.rest.client.request = request
  const locationOf = api.vsoClient.beginGetLocation.bind(api.vsoClient)
  api.vsoClient.beginGetLocation = async (area, id) => {
    const found = await locationOf(area, id)
    if (found === undefined)
      throw new FleetError(
        'GIT_UNREACHABLE',
        `${client.base.href} doesn't say where it has what is asked for (${area} ${id}): is this Azure DevOps?`,
      )
    return found
  }
  return api
}

/** GIT_NOT_FOUND would say that there is no such repository, of which some sets make an empty list; it wasn't asked for yet. */
function elsewhere(error: unknown): unknown {
  if (!(error instanceof FleetError) || error.code !== 'GIT_NOT_FOUND') return error
  return new FleetError('GIT_UNREACHABLE', `no Azure DevOps of this organization: ${error.message}`, error.details, { cause: error })
}
