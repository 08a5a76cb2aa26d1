import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TemplateError } from '../../../generators/gotemplate/errors.ts'
import { renderGoTemplate } from '../../../generators/gotemplate/template.ts'

interface Golden {
  readonly template: string
  readonly options: readonly string[]
  readonly value?: string
  readonly error?: string
}

interface Goldens {
  readonly params: { readonly [key: string]: string }
  readonly cases: readonly Golden[]
}

const goldens = JSON.parse(readFileSync(new URL('./goldens.json', import.meta.url), 'utf8')) as Goldens

function print(golden: Golden): string {
  try {
    return `printed: ${renderGoTemplate(golden.template, goldens.params, golden.options, { nowMs: 0 })}`
  } catch (error) {
    if (error instanceof TemplateError) return `failed: ${error.message}`
    throw error
  }
}

describe('templates that Go has rendered', () => {
  it('has goldens to compare with', () => {
    expect(goldens.cases.length).toBeGreaterThan(1000)
  })

  it('prints what Go prints and refuses what Go refuses, in the same words', () => {
    const differences = goldens.cases.flatMap((golden) => {
      const wanted = golden.error === undefined ? `printed: ${golden.value}` : `failed: ${golden.error}`
      const got = print(golden)
      return got === wanted ? [] : [{ template: golden.template, wanted, got }]
    })
    expect(differences).toEqual([])
  })
})
