import * as z from 'zod'

import type { ConfigPath } from './diagnostic.ts'

/** A rule across the keys of a map: it holds where its keys are valid by themselves. */
export type Rule<M> = {
  /** The keys that the check reads; it runs only where all of them are valid. */
  readonly needs: readonly (keyof M & string)[]
  check(map: M, report: ReportBreach): void
}

/** Reports a broken rule at a path that starts from the map. */
export type ReportBreach = (path: ConfigPath, message: string, details: BreachDetails) => void
export type BreachDetails = { readonly code: string; readonly hint?: string; readonly at?: 'key' | 'value' }

const registered = z.registry<{ rules: readonly Rule<never>[] }>()

/** A schema of a map whose values also keep rules. */
export function withRules<O extends z.ZodObject>(schema: O, ...rules: readonly Rule<z.output<O>>[]): O {
  const ruled = schema.superRefine((map, context) => {
    for (const { needs, check } of rules) {
      check(map, (path, message, details) => {
        const params = { ...details, rule: true, about: needs }
        context.addIssue({ code: 'custom', path: [...path], message, params })
      })
    }
  })
  registered.add(ruled, { rules })
  return ruled
}

/** The rules across the keys of a schema. */
export function rulesOf(schema: z.ZodObject): readonly Rule<never>[] {
  return registered.get(schema)?.rules ?? []
}

/** Whether an issue comes from a rule across the keys of a map. */
export function isRule(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && issue.params?.['rule'] === true
}
