import type { Program, Value } from '../../ir/ir.ts'
import type { Code } from './code.ts'

/** Tools for writing a value. */
export type OpWriting = {
  readonly code: Code
  /** The name of an operand's array. */
  x(value: Value): string
  /** True for an array that nothing reads once the value is written. */
  isFree(value: Value): boolean
  /** Writes the body of a scan; `given` are the arrays of its inputs. Returns the arrays of its outputs. */
  writeBody(body: Program, given: ReadonlyMap<string, string>): ReadonlyMap<string, string>
  /** An array that is free again when the value is written. */
  scratch(length: number): string
  /** The same of bytes, and of whole numbers. */
  bytes(length: number): string
  wholeNumbers(length: number): string
  /** A constant array; returns its name. */
  constant(stem: string, data: Float32Array | Int8Array): string
}
