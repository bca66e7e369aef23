import * as z from 'zod'

import type { DiagnosticCode } from '../../diagnostic-codes.ts'
import { formatPath } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { describe } from '../../registry.ts'
import { hintForKey, hintForName, hintForValue } from './hints.ts'
import { jsonSchemaOf } from '../schema/json-schema.ts'
import { alternativesOf, optionsAt } from '../schema/keys.ts'

type Issue = z.core.$ZodIssue

/** What zod found, in plain words. `data` is what was parsed and `schema` what it was parsed with. */
export function problemsOf(
  { issues }: { readonly issues: readonly Issue[] },
  data: unknown,
  schema: z.ZodType,
): Problem[] {
  const reader = new IssueReader(data, schema)
  return issues
    .flatMap((issue) => reader.read(issue, []))
    .filter(({ code, path }) => code !== 'missing-key' || !reader.meant.has(formatPath(path)))
}

type Params = { code?: DiagnosticCode; at?: 'key' | 'value'; family?: string; name?: string; hint?: string }

/** What a member's own schema said, which a family passes on. */
function innerIssue(issue: z.core.$ZodIssueCustom): Issue | undefined {
  const { issue: inner }: { issue?: Issue } = issue.params ?? {}
  return inner
}

class IssueReader {
  /** Paths of the keys that misspelt ones stand for: these are not missing too. */
  readonly meant = new Set<string>()
  readonly #data: unknown
  readonly #schema: z.ZodType

  constructor(data: unknown, schema: z.ZodType) {
    this.#data = data
    this.#schema = schema
  }

  read(issue: Issue, prefix: ConfigPath): Problem[] {
    const path = [...prefix, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))]
    if (issue.code === 'custom' && issue.params?.['code'] !== 'type') return this.#custom(issue, path)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.flatMap((key) => this.#unknownKey([...path, key]))
    const value = valueAt(this.#data, path)
    if (value === undefined && path.length > 0) return [this.#missingKey(path, issue)]
    if (issue.code === 'invalid_union') return this.#union(issue, path, value)
    const message = this.#numberMessage(issue, path, value) ?? messageOf(issue, value)
    return [problem(codeOf(issue), path, message, hintForValue(issue, path, value))]
  }

  /** Where a number is wanted: which. */
  #numberMessage(issue: Issue, path: ConfigPath, value: unknown): string | undefined {
    if (issue.code !== 'invalid_type' || issue.expected !== 'number' || typeof value === 'number')
      return undefined
    const schema = optionsAt(this.#schema, this.#data, path.slice(0, -1))[String(path.at(-1))]
    const wanted = schema instanceof z.ZodType ? numberIn(schema) : undefined
    return wanted && `expected ${wanted}, got ${describe(value)}`
  }

  /** A family's or a rule's own issue: it says its code and hint in its params, or holds the issue of a member's options. */
  #custom(issue: z.core.$ZodIssueCustom, path: ConfigPath): Problem[] {
    const params: Params = issue.params ?? {}
    const inner = innerIssue(issue)
    if (inner !== undefined) return this.read(inner, path.slice(0, path.length - inner.path.length))
    const { code = 'value', at, family, name, hint } = params
    const said = family === undefined ? hint : hintForName(family, name)
    return [{ ...problem(code, path, issue.message, said), ...(at !== undefined && { at }) }]
  }

  /** Only one branch of a union was meant: the one whose complaints lie deepest, else one that takes this type of value. */
  #union(issue: z.core.$ZodIssueInvalidUnion, path: ConfigPath, value: unknown): Problem[] {
    if ('options' in issue && Array.isArray(issue.options)) {
      const values = issue.options.map(String)
      const given: unknown = valueAt(this.#data, path)
      if (given === undefined) return [this.#missingKey(path, issue)]
      const key = String(path.at(-1))
      return [
        problem('value', path, `unknown ${key} ${describe(given)}`, hintForValue({ values }, path, given)),
      ]
    }
    const branches = issue.errors.map((issues) => issues.flatMap((one) => this.read(one, path)))
    const depth = (branch: Problem[]): number => Math.min(...branch.map((one) => one.path.length))
    const deepest = branches.toSorted((a, b) => depth(b) - depth(a))[0] ?? []
    if (depth(deepest) > path.length) return deepest
    const fitting = branches.find((branch) => branch.every(({ code }) => code !== 'type'))
    const choices = fitting?.flatMap(({ code, hint }) =>
      code === 'value' ? (listed.exec(hint ?? '')?.[1] ?? []) : [],
    )
    if (fitting && choices?.length === 0 && !isNumeric(value)) return fitting
    const wanted = branches
      .flat()
      .flatMap(
        ({ message, hint }) =>
          /^expected (.*), got /.exec(message)?.[1] ?? listed.exec(hint ?? '')?.[1] ?? [],
      )
    const hint = branches.flat().find((one) => one.hint !== undefined && one.code === 'type')?.hint
    return [
      problem('type', path, `expected ${[...new Set(wanted)].join(', or ')}, got ${describe(value)}`, hint),
    ]
  }

  #unknownKey(path: ConfigPath): Problem[] {
    const parent = path.slice(0, -1)
    const key = String(path.at(-1))
    const known = Object.keys(optionsAt(this.#schema, this.#data, parent))
    const { meant, hint } = hintForKey(key, known, parent.length === 0)
    if (meant !== undefined) this.meant.add(formatPath([...parent, meant]))
    return [{ ...problem('unknown-key', path, `unknown key "${key}"`, hint), at: 'key' }]
  }

  #missingKey(path: ConfigPath, issue: Issue): Problem {
    const key = String(path.at(-1))
    const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
    const schema = optionsAt(this.#schema, this.#data, path.slice(0, -1))[key]
    const description = schema instanceof z.ZodType ? schema.description : undefined
    const hint =
      options.length > 0 ? `use one of: ${options.join(', ')}` : description && `${key}: ${description}`
    return problem('missing-key', path, `"${key}" is missing`, hint)
  }
}

const listed = /^use one of: (.*)$/

function problem(code: DiagnosticCode, path: ConfigPath, message: string, hint?: string): Problem {
  return { severity: 'error', code, path, message, ...(hint !== undefined && { hint }) }
}

function codeOf(issue: Issue): DiagnosticCode {
  switch (issue.code) {
    case 'invalid_type':
    case 'custom':
      return 'type'
    case 'too_small':
    case 'too_big':
      return 'range'
    case 'invalid_format':
      return 'format'
    default:
      return 'value'
  }
}

function messageOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'custom':
      return issue.message
    case 'invalid_type':
      if (typeof value === 'number' && !Number.isFinite(value))
        return `expected a finite number, got ${value}`
      return `expected ${expected[issue.expected] ?? issue.expected}, got ${describe(value)}`
    case 'too_small':
    case 'too_big':
      return `expected ${boundOf(issue)}, got ${Array.isArray(value) ? value.length : describe(value)}`
    case 'invalid_value':
      return `unknown value ${describe(value)}`
    default:
      return `${issue.message}, got ${describe(value)}`
  }
}

const expected: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  null: 'null',
}

/** The numbers that a schema takes, in words; undefined where it takes none, or several kinds. */
function numberIn(schema: z.ZodType): string | undefined {
  const kinds = alternativesOf(schema).filter((one) => one instanceof z.ZodNumber)
  const [kind] = kinds
  if (!kind || kinds.length > 1) return undefined
  const { type, minimum, exclusiveMinimum, maximum } = jsonSchemaOf(kind)
  const noun = type === 'integer' ? 'a whole number' : 'a number'
  const least = type === 'integer' && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : minimum
  if (least !== undefined)
    return maximum === undefined ? `${noun}, ${least} or more` : `${noun} from ${least} to ${maximum}`
  if (exclusiveMinimum !== undefined) return `${noun} above ${exclusiveMinimum}`
  return maximum === undefined ? noun : `${noun} of at most ${maximum}`
}

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === 'too_small'
  const limit = small ? issue.minimum : issue.maximum
  if (issue.origin === 'array') {
    const quantity = issue.exact === true ? 'exactly' : small ? 'at least' : 'at most'
    return `${quantity} ${limit} ${limit === 1 ? 'item' : 'items'}`
  }
  if (issue.origin === 'string') {
    if (issue.exact === true && limit === 1) return 'a single character'
    return limit === 1 && small ? 'a text that is not empty' : `a text of ${limit} characters`
  }
  if (Math.abs(Number(limit)) === Number.MAX_SAFE_INTEGER) return 'a whole number that a double can hold'
  if (issue.inclusive === false) return `a number ${small ? 'above' : 'below'} ${limit}`
  return `a number of ${small ? 'at least' : 'at most'} ${limit}`
}

/** Whether a text is a number in quotes. */
export function isNumeric(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))
}

function valueAt(data: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)]
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    return Object.entries(value).find(([name]) => name === String(key))?.[1]
  }, data)
}
