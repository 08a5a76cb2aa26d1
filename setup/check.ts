// npm run check: everything that can be said about the code within seconds.
import { runChecks, staticChecks, unitTests } from './checks.ts'

const { passed, failed } = await runChecks([...staticChecks, unitTests], console.log)
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
