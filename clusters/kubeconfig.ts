import type { Parsed } from '../fleet/errors.ts'
import { type KubeconfigAccess, parseKubeconfig } from '../fleet/kubeconfig.ts'
import { readYaml } from './read-yaml.ts'

/**
 * Reads a kubeconfig's text as data: nothing in it is run, no file is opened, and only allow-listed fields of one context (the current
 * one unless named) are copied. What asks for more is refused by name.
 */
export function readKubeconfig(text: string, contextName: string | null = null): Parsed<KubeconfigAccess> {
  const { value, problems } = readYaml(text)
  return problems.length > 0 ? { value: null, problems } : parseKubeconfig(value, contextName)
}
