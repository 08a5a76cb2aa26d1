import { findTool } from '../../toolchain/find-tool.ts'
import type { ToolName } from '../../toolchain/tools.ts'

/** The path of a tool; obtained now where it is missing. `npm test` has all of them ready before the first test. */
export function tool(name: ToolName): Promise<string> {
  return findTool(name, { log: (line) => console.error(line) })
}
