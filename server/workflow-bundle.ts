import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { FleetError } from '../fleet/errors.ts'

/** Measured at 1.0 MB; a parser or a schema library that slips in doubles it (DESIGN, invariant 2). */
export const bundleBytesMax = 2_200_000

/** Webpack's bundle of the workflows, as the worker runs them. Throws where it grew beyond its bound: something slipped in. */
export async function bundleWorkflows(log: (message: string) => void): Promise<WorkflowBundleWithSourceMap> {
  const bundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    failureConverterPath: fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url)),
    logger: {
      log: () => {},
      trace: () => {},
      debug: () => {},
      info: () => {},
      warn: (message: string) => log(message),
      error: (message: string) => log(message),
    },
  })
  if (bundle.code.length > bundleBytesMax)
    throw new FleetError('LIMIT_EXCEEDED', `the workflow bundle has ${bundle.code.length} bytes, more than ${bundleBytesMax}`)
  return bundle
}
