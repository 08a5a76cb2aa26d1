import type { FunctionTable } from '../functions.ts'
import { argoFunctions } from './argo.ts'
import { builtinFunctions } from './builtins.ts'
import { compareFunctions } from './compare.ts'
import { cryptoFunctions } from './crypto.ts'
import { dateFunctions } from './dates.ts'
import { dictFunctions } from './dicts.ts'
import { encodingFunctions } from './encoding.ts'
import { jsonFunctions } from './json.ts'
import { listFunctions } from './lists.ts'
import { mathFunctions } from './math.ts'
import { pathFunctions } from './paths.ts'
import { randomFunctions } from './random.ts'
import { regexFunctions } from './regex.ts'
import { stringFunctions } from './strings.ts'
import { typeFunctions } from './types.ts'
import { urlFunctions } from './urls.ts'
import { versionFunctions } from './versions.ts'

/**
 * Every function that a template of an ApplicationSet may call: text/template's own, sprig 3.3.0's without env, expandenv and getHostByName
 * (which would show the server's surroundings), and Argo CD's.
 */
export const functions: FunctionTable = {
  ...builtinFunctions,
  ...compareFunctions,
  ...cryptoFunctions,
  ...dateFunctions,
  ...dictFunctions,
  ...encodingFunctions,
  ...jsonFunctions,
  ...listFunctions,
  ...mathFunctions,
  ...pathFunctions,
  ...randomFunctions,
  ...regexFunctions,
  ...stringFunctions,
  ...typeFunctions,
  ...urlFunctions,
  ...versionFunctions,
  ...argoFunctions,
}
