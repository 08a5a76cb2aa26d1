import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { GitApi } from 'azure-devops-node-api/GitApi.js'
import { z } from 'zod'
import { checked, type HostClient, jsonOf } from './host-client.ts'

const locationsSchema = z.object({ value: z.array(z.object({ id: z.string() })).min(1) })

/**
 * Azure DevOps' own client, which asks the server where its resources are and in which versions; what it asks goes through ours. It joins paths itself,
 * so that names have to be checked before it gets them.
 */
export function azureGitApiOf(client: HostClient): GitApi {
  const api = new GitApi(client.base.href, [])
  const request: typeof api.http.request = async (method, url, body, headers) => {
    const response = await client.fetch(url, { method, headers, body })
    const text = await response.text()
    if (method === 'OPTIONS') checked(jsonOf(text), locationsSchema, url)
    const message = Object.assign(new IncomingMessage(new Socket()), {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
    })
    return { message, readBody: async () => text }
  }
  api.http.request = request
  api.rest.client.request = request
  return api
}
