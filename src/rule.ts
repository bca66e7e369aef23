import type * as z from 'zod'

import type { DiagnosticCode } from './diagnostic-codes.ts'
import type { ConfigPath } from './diagnostic.ts'

/** A rule across the keys of a map: it holds where its keys are valid by themselves. */
export type Rule<M = Readonly<Record<string, unknown>>> = {
  /** The keys that the check reads; it runs only where all of them are valid. */
  readonly needs: readonly string[]
  check(map: M, report: ReportBreach): void
}

/** Reports a broken rule at a path that starts from the map. */
export type ReportBreach = (path: ConfigPath, message: string, details: BreachDetails) => void
export type BreachDetails = {
  readonly code: DiagnosticCode
  readonly hint?: string
  readonly at?: 'key' | 'value'
}

const registered = new WeakMap<z.core.$ZodType, readonly Rule[]>()

/** A schema of a map whose values also keep rules. */
export function withRules<O extends z.ZodObject>(schema: O, ...rules: readonly Rule<z.output<O>>[]): O {
  for (const need of rules.flatMap(({ needs }) => needs)) {
    if (!Object.hasOwn(schema.shape, need)) throw new Error(`a rule needs ${need}, which is no key`)
  }
  const ruled = schema.superRefine((map, context) => {
    for (const { check } of rules) {
      check(map, (path, message) => context.addIssue({ code: 'custom', path: [...path], message }))
    }
  })
  const kept: readonly Rule<never>[] = rules
  registered.set(ruled, kept)
  return ruled
}

/** The rules across the keys of a schema. */
export function rulesOf(schema: z.core.$ZodType): readonly Rule[] {
  const { parent } = schema._zod
  return registered.get(schema) ?? (parent ? rulesOf(parent) : [])
}
