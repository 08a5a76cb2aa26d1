// npm run check: what can be said about the code without running it.
import { runChecks, staticChecks } from './checks.ts'

const { passed, failed } = await runChecks(staticChecks, console.log)
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
