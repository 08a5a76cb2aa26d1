import { FleetError, invalidInput } from '../fleet/errors.ts'
import type { SetPreview } from '../fleet/set/preview.ts'
import { parseManifests } from '../manifests/parse.ts'
import type { CommandContext, Viewer } from './context.ts'
import { requireWriter } from './permission.ts'
import { requireSupported } from './require-supported.ts'

/**
 * What applying an ApplicationSet would give, without changing anything. Its generators are asked with the fleet's credentials, so only those
 * may who may apply it. Errors: INVALID_INPUT with every problem of the manifest, UNSUPPORTED, FORBIDDEN.
 */
export async function generate(
  context: CommandContext,
  viewer: Viewer,
  { manifest, signal }: { readonly manifest: string; readonly signal: AbortSignal },
): Promise<SetPreview> {
  requireWriter(viewer)
  const { value: manifests, problems } = parseManifests(manifest)
  if (manifests === null) throw invalidInput('The manifest', problems)
  const [set, ...others] = manifests
  if (set?.kind !== 'ApplicationSet' || others.length > 0)
    throw new FleetError('INVALID_INPUT', 'The manifest has to be exactly one ApplicationSet')
  requireSupported([set])
  return context.previewSet(set, signal)
}
