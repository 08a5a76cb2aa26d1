// npm run format: the formatting, and the fixes that can't change what the code does.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../toolchain/run-command.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
console.log(await runCommand('biome', ['check', '--write', '.'], { cwd: root }))
