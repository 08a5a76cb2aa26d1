import { FleetError } from '../fleet/errors.ts'
import type { Viewer } from './context.ts'

/** FORBIDDEN for those who may only read. The first thing that every command does. */
export function requireWriter(viewer: Viewer): void {
  if (viewer.role === 'admin') return
  throw new FleetError('FORBIDDEN', `${viewer.name} may only read: use a token with the role admin`)
}
