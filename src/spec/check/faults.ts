import type * as z from 'zod'

import type { DiagnosticCode } from '../../diagnostic-codes.ts'
import { errorAt } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { describe } from '../../registry.ts'
import { counted } from '../../wording.ts'
import { jsonSchemaOf } from '../schema/json-schema.ts'
import { typeText } from '../schema/type-text.ts'
import { hintForChoice, hintForFraction, hintForType } from './hints.ts'
import type { ValueKind } from './hints.ts'

/** A mistake, and what a value in its place may be: the branches of a union are told together. */
export type Fault = { readonly problem: Problem; readonly expected: readonly string[] }

/** A fault that is told as it is. */
export function fault(
  code: DiagnosticCode,
  path: ConfigPath,
  message: string,
  details: { readonly hint?: string | undefined; readonly at?: 'key' | 'value' | undefined } = {},
): Fault {
  const { hint, at } = details
  return { problem: { ...errorAt(code, path, message, hint), ...(at && { at }) }, expected: [] }
}

/** A value of another type. */
export function wrongType(
  path: ConfigPath,
  value: unknown,
  kind: ValueKind,
  expected: readonly string[] = kindWords[kind],
): Fault {
  const hint = hintForType(kind, path, value)
  return { ...fault('type', path, unexpected(expected, value), { hint }), expected }
}

/** A value that is none of the choices. */
export function wrongChoice(
  path: ConfigPath,
  value: unknown,
  choices: readonly string[],
  noun = 'value',
): Fault {
  const message =
    typeof value === 'string' ? `unknown ${noun} ${describe(value)}` : unexpected(choices, value)
  return { ...fault('value', path, message, { hint: hintForChoice(choices, value) }), expected: choices }
}

/** One fault for a value that fits no branch of a union. */
export function fitsNoBranch(path: ConfigPath, value: unknown, faults: readonly Fault[]): Fault {
  const expected = [...new Set(faults.flatMap((one) => one.expected))]
  const hints = faults.flatMap(({ problem }) => (problem.code === 'type' ? (problem.hint ?? []) : []))
  const hint = closeChoice(faults, value) ?? hints[0]
  return { ...fault('type', path, unexpected(expected, value), { hint }), expected }
}

/** The hint of the choices that a word resembles. */
function closeChoice(faults: readonly Fault[], value: unknown): string | undefined {
  const choices = faults.flatMap(({ problem, expected }) => (problem.code === 'value' ? expected : []))
  const hint = hintForChoice(choices, value)
  return hint.startsWith('use one of') ? undefined : hint
}

/** A fault that zod finds in a string, a number or another value without keys. */
export function scalarFault(
  schema: z.core.$ZodType,
  issue: z.core.$ZodIssue,
  path: ConfigPath,
  value: unknown,
): Fault {
  switch (issue.code) {
    case 'invalid_type':
      if (schema._zod.def.type !== 'number') return wrongType(path, value, kindOf(issue.expected))
      if (typeof value !== 'number' || Number.isFinite(value))
        return wrongType(path, value, 'number', [numberWords(schema)])
      return wrongType(path, value, 'number', ['a finite number'])
    case 'invalid_value':
      return wrongChoice(path, value, issue.values.map(String))
    case 'too_small':
    case 'too_big':
      return outOfRange(schema, issue, path, value)
    case 'invalid_format':
      return fault('format', path, `${issue.message}, got ${describe(value)}`)
    default:
      return fault('value', path, issue.message)
  }
}

/** A number, a string or a list that is too small or too large. */
function outOfRange(
  schema: z.core.$ZodType,
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  path: ConfigPath,
  value: unknown,
): Fault {
  const small = issue.code === 'too_small'
  const limit = Number(small ? issue.minimum : issue.maximum)
  if (Array.isArray(value)) {
    const quantity = issue.exact === true ? 'exactly' : small ? 'at least' : 'at most'
    return fault('range', path, `expected ${quantity} ${counted(limit, 'item')}, got ${value.length}`)
  }
  if (typeof value === 'string') return fault('range', path, 'expected a string that is not empty, got ""')
  const isUnsafe = Math.abs(limit) === Number.MAX_SAFE_INTEGER
  const expected = [isUnsafe ? 'an integer that a double holds exactly' : numberWords(schema)]
  const hint = small ? undefined : hintForFraction(path, value)
  return { ...fault('range', path, unexpected(expected, value), { hint }), expected }
}

/** `expected a, b or c, got "d"`. */
function unexpected(expected: readonly string[], value: unknown): string {
  const last = expected.at(-1) ?? 'nothing'
  const words = expected.length < 2 ? last : `${expected.slice(0, -1).join(', ')} or ${last}`
  return `expected ${words}, got ${describe(value)}`
}

const kindWords: Readonly<Record<ValueKind, readonly string[]>> = {
  string: ['a string'],
  number: ['a number'],
  boolean: ['true', 'false'],
  map: ['a map'],
  list: ['a list'],
}

function kindOf(expected: string): ValueKind {
  if (expected === 'string' || expected === 'boolean') return expected
  if (expected === 'array' || expected === 'tuple') return 'list'
  return expected === 'object' || expected === 'record' ? 'map' : 'number'
}

/** The numbers that a schema takes: `an integer >= 1`. */
function numberWords(schema: z.core.$ZodType): string {
  const words = typeText(jsonSchemaOf(schema))
  return `${words.startsWith('integer') ? 'an' : 'a'} ${words}`
}
