// C code as it grows, line by line.
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { shortestFloat32 } from '../shortest-float32.ts'

/** Statements inside a function. */
export class Code {
  readonly #lines: string[] = []
  #depth = 1
  #variables = 0

  line(text: string): this {
    this.#lines.push(`${'  '.repeat(this.#depth)}${text}`)
    return this
  }

  /** A block that begins with some text, such as `if (x)`. */
  block(head: string, body: () => void): this {
    this.line(head === '' ? '{' : `${head} {`)
    this.#depth += 1
    body()
    this.#depth -= 1
    return this.line('}')
  }

  /** A name that no other variable of the function has. */
  variable(stem: string): string {
    return `${stem}${this.#variables++}`
  }

  /** A loop over 0 ... length - 1. */
  loop(length: number, body: (index: string) => void): this {
    if (length === 1) {
      body('0')
      return this
    }
    const index = this.variable('i')
    return this.block(`for (int ${index} = 0; ${index} < ${length}; ${index}++)`, () => body(index))
  }

  /** Loops over all elements of a shape. */
  each(shape: Shape, body: (indices: readonly string[]) => void, before: readonly string[] = []): this {
    const [length, ...rest] = shape
    if (length === undefined) body(before)
    else this.loop(length, (index) => this.each(rest, body, [...before, index]))
    return this
  }

  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }
}

/** The place of an element in an array of a shape, row by row. */
export function placeOf(indices: readonly string[], shape: Shape): string {
  const terms = indices.flatMap((index, axis) => {
    const stride = sizeOf(shape.slice(axis + 1))
    if (index === '0' || shape[axis] === 1) return []
    return stride === 1 ? [index] : [`${/^\w+$/.test(index) ? index : `(${index})`} * ${stride}`]
  })
  return terms.join(' + ') || '0'
}

/** The place of an element in an array that is broadcast to it. */
export function placeBroadcast(indices: readonly string[], shape: Shape): string {
  return placeOf(indices.slice(indices.length - shape.length), shape)
}

/** A float32 in as few digits as tell it from all others. */
export function floatLiteral(value: number): string {
  if (Number.isNaN(value)) return 'NAN'
  if (!Number.isFinite(value)) return value > 0 ? 'INFINITY' : '-INFINITY'
  if (Object.is(value, -0)) return '-0.0f'
  return `${withPoint(shortestFloat32(value))}f`
}

export function doubleLiteral(value: number): string {
  return Number.isFinite(value) ? withPoint(value) : floatLiteral(value)
}

function withPoint(value: number): string {
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** A string with everything but plain letters as the bytes of UTF-8. */
export function stringLiteral(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => {
    const letter = String.fromCharCode(byte)
    // Three octal digits end where they end, and `?` could begin a trigraph.
    return /[\w .,:;+*/()<>=-]/.test(letter) ? letter : `\\${byte.toString(8).padStart(3, '0')}`
  })
  return `"${bytes.join('')}"`
}

/** An array at the top of a file. */
export function constantArray(type: string, name: string, values: readonly string[]): string {
  const rows = Array.from({ length: Math.ceil(values.length / 8) }, (_, row) =>
    values.slice(8 * row, 8 * row + 8).join(', '),
  )
  return `static const ${type} ${name}[${values.length}] = {\n  ${rows.join(',\n  ')}\n};\n`
}

/** A name as it may stand in a comment. */
export function commentText(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N} .,_-]/gu, '_')
}
