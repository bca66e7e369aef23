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
}

/** Tells that an option's value is a validated component. */
export function isConfig(value: unknown): value is ComponentConfig {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** A member of a family. */
export type Component<O extends Options = Options> = {
  /** The name in a config: Keras's, in snake_case. */
  readonly type: string
  /** Other spellings that a config may use; Keras's class name needs no alias, letter case and separators are ignored. */
  readonly aliases?: readonly string[]
  /** The name of its class in Keras; default: the type in PascalCase. Null where Keras has none that means the same. */
  readonly keras?: string | null
  /** The options that Keras saved, as a config writes them where it can do so in fewer words. */
  readonly fromKeras?: (options: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
  /** One line for the reference page. */
  readonly summary: string
  /** Built only when a config uses the component: start-up time must not grow with the number of components. */
  readonly options: () => O
  /** Rules across its options. */
  readonly rules?: readonly Rule<Configured<O>>[]
}

/** The word for one member of a family, as in the diagnostic of an unknown name. */
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
    const schema = z.unknown().transform((value, context) => this.#parse(value, context))
    references.set(schema, this)
    return schema
  }

  #parse(value: unknown, context: z.core.$RefinementCtx): ComponentConfig {
    const map = isMap(value) ? value : { type: value }
    const member = typeof map['type'] === 'string' ? this.find(map['type']) : undefined
    if (member === undefined) {
      context.addIssue({ code: 'custom', message: `unknown ${this.singular} ${describe(map['type'])}` })
      return z.NEVER
    }
    const { type } = member
    const { data, error } = this.schemaOf(member).safeParse({ ...map, type })
    if (data !== undefined) return { ...data, type }
    for (const { message, path } of error.issues) {
      context.addIssue({ code: 'custom', message, path: [...path] })
    }
    return z.NEVER
  }
}

const references = new WeakMap<z.core.$ZodType, Family<Component>>()

/** The family whose members may stand where a schema stands; undefined for other schemas. */
export function familyOf(schema: z.core.$ZodType): Family<Component> | undefined {
  const { parent } = schema._zod
  return references.get(schema) ?? (parent && familyOf(parent))
}

/** The name of a component's class in Keras; undefined where Keras has none. */
export function kerasClass({ keras, type }: Pick<Component, 'keras' | 'type'>): string | undefined {
  if (keras !== undefined) return keras ?? undefined
  const words = type.split('_').map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
  return words.join('').replace(/(?<=\d)d/, 'D')
}

/** Tells a map from a list and from values without keys. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
  return value.length > 60 ? 'a long string' : JSON.stringify(value)
}
