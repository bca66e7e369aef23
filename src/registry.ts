import * as z from 'zod'

import type { DiagnosticCode } from './diagnostic-codes.ts'
import { canonical } from './nearest.ts'
import { withRules } from './rule.ts'
import type { Rule } from './rule.ts'

/** The named options of a component and their zod types. */
export type Options = Readonly<Record<string, z.ZodType>>

/** A component's options after validation, every default filled in. */
export type Configured<O extends Options> = z.output<z.ZodObject<O>>

/** A validated component of a family: its type and its options. */
export type ComponentConfig = {
  readonly type: string
  readonly [option: string]: unknown
  readonly [unsure]?: ReadonlySet<string>
}

/** In a component with mistakes: the options of which nothing is known, and which it therefore lacks. */
export const unsure: unique symbol = Symbol('unsure')

/** Whether an option's value is a validated component. */
export function isConfig(value: unknown): value is ComponentConfig {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** What every member of every family says of itself. */
export type Component<O extends Options = Options> = {
  /** The name in a config: Keras's, in snake_case. */
  readonly type: string
  /** Other spellings that a config may use; Keras's class name needs no alias, letter case and separators are ignored. */
  readonly aliases?: readonly string[]
  /** One line for the reference page. */
  readonly summary: string
  /** Built only when a config uses the component: start-up time must not grow with the number of components. */
  readonly options: () => O
  /** Rules across its options. */
  readonly rules?: readonly Rule<Configured<O>>[]
}

/**
 * The `params` of a custom zod issue: `code` becomes the diagnostic's code; `family` and `name` tell what no member is
 * named. An issue of a member's own options is kept whole under `issue`.
 */
export type ComponentIssue = {
  readonly code: DiagnosticCode
  readonly family?: string
  readonly name?: string
  readonly hint?: string
  readonly at?: 'key' | 'value'
}

/** The word for one member of a family; a diagnostic tells of a name that no member has. */
type FamilyWord = DiagnosticCode extends infer Code
  ? Code extends `unknown-${infer Word}`
    ? Word
    : never
  : never

/** Options and rules that every member of a family has. */
type Shared = { readonly options?: () => Options; readonly rules?: readonly Rule[] }

/** A kind of component (layers, losses ...): its members in one explicit list, found by name, validated by one schema. */
export class Family<C extends Component> {
  readonly name: string
  readonly singular: FamilyWord
  readonly members: readonly C[]
  readonly #shared: Shared
  readonly #byName = new Map<string, C>()
  readonly #schemas = new Map<string, z.ZodObject>()

  constructor(names: { name: string; singular: FamilyWord }, members: readonly C[], shared: Shared = {}) {
    this.name = names.name
    this.singular = names.singular
    this.members = members
    this.#shared = shared
    for (const member of members) {
      for (const name of [member.type, ...(member.aliases ?? [])]) {
        const key = canonical(name)
        if (this.#byName.has(key)) throw new Error(`two ${this.name} are named ${name}`)
        this.#byName.set(key, member)
      }
    }
  }

  /** The member that a config calls `name`, in any accepted spelling. */
  find(name: string): C | undefined {
    return this.#byName.get(canonical(name))
  }

  /** The member of a validated config. */
  of(config: { readonly type: string }): C {
    const member = this.find(config.type)
    if (member === undefined) throw new Error(`no ${this.singular} is named ${config.type}`)
    return member
  }

  /** The schema of one member's map, `type` included. */
  schemaOf(member: C): z.ZodObject {
    const known = this.#schemas.get(member.type)
    if (known !== undefined) return known
    const map = z.strictObject({
      type: z.literal(member.type).describe(member.summary),
      ...this.#shared.options?.(),
      ...member.options(),
    })
    const schema = withRules(map, ...(this.#shared.rules ?? []), ...(member.rules ?? []))
    this.#schemas.set(member.type, schema)
    return schema
  }

  /** A member with its options, in any accepted spelling, or its bare name: yields the canonical map. */
  ref(): z.ZodType<ComponentConfig, unknown> {
    return z
      .unknown()
      .transform((value, context): ComponentConfig => this.#parse(value, context))
      .meta({ family: this.name })
  }

  #parse(value: unknown, context: z.core.$RefinementCtx): ComponentConfig {
    const fail = (message: string, params: ComponentIssue, path: string[] = []): never => {
      context.addIssue({ code: 'custom', message, path, params })
      return z.NEVER
    }
    const map = typeof value === 'string' ? { type: value } : value
    if (typeof map !== 'object' || map === null || Array.isArray(map)) {
      const wanted = `${article(this.singular)} (its name, or a map with its type)`
      return fail(`expected ${wanted}, got ${describe(value)}`, { code: 'type' })
    }
    const path = typeof value === 'string' ? [] : ['type']
    const type = 'type' in map ? map.type : undefined
    if (type === undefined) {
      return fail(`this ${this.singular} has no type`, { code: 'missing-key', family: this.name })
    }
    if (typeof type !== 'string') {
      return fail(
        `expected the name of ${article(this.singular)}, got ${describe(type)}`,
        { code: 'type' },
        path,
      )
    }
    const member = this.find(type)
    if (member === undefined) {
      const code: DiagnosticCode = `unknown-${this.singular}`
      return fail(`unknown ${this.singular} ${describe(type)}`, { code, family: this.name, name: type }, path)
    }
    const result = this.schemaOf(member).safeParse({ ...map, type: member.type })
    if (result.success) {
      return { ...result.data, type: member.type }
    }
    for (const issue of result.error.issues) {
      const params = issue.code === 'custom' ? issue.params : { issue }
      context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path], params })
    }
    return z.NEVER
  }
}

/** `a layer`, `an optimizer`. */
export function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}

/** A value as a message shows it. */
export function describe(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`
  if (typeof value !== 'string') return typeof value
  return value.length > 60 ? 'a long text' : JSON.stringify(value)
}
