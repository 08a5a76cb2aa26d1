import { DefaultFailureConverter } from '@temporalio/common'

/** Puts messages and stack traces of failures into payloads, so that the codec seals them too. Loaded by path, in workers and clients. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
