// Fields and records as RFC 4180 has them, with any delimiter and any line break. Blanks around a field do not count, and may
// divide fields themselves, as in tables whose columns are aligned.
import { powers } from './decimal.ts'

const QUOTE = 0x22
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const BLANK = 0x20
const TAB = 0x09
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

/** The delimiter of fields that any blanks divide, in place of one character. */
export const WHITESPACE = 'whitespace'

/** The most digits of a whole number that surely fits into 32 bits. */
const MOST_DIGITS = 9

/** The result of scan where the bytes end before the record does. */
export const INCOMPLETE = -1

/** A record that breaks the rules of quotes; `message` says how. */
export class CsvSyntaxError extends Error {}

/** Finds the fields of one record after another, as ranges of bytes. */
export class CsvScanner {
  /** The number of fields of the last record. */
  fields = 0
  starts = new Int32Array(64)
  ends = new Int32Array(64)
  /** 1 for a field in quotes, 2 where quotes inside it are doubled. */
  quotes = new Uint8Array(64)
  /** The values of plain fields that are decimal numbers of few digits; NaN for all others. */
  numbers = new Float64Array(64)
  /** Line breaks inside the quotes of the last record. */
  innerLines = 0
  readonly #delimiter: number
  /** True where any blanks divide fields. */
  readonly #isAligned: boolean
  /** The sign before the fraction of a decimal. */
  readonly #point: number
  /** False where the delimiter may be a part of a decimal. */
  readonly #canReadDecimals: boolean
  /** The last result of #decimal, and where it ends. */
  #number = NaN
  #decimalEnd = 0
  /** 1 for every byte that ends a plain field or is invalid in it. */
  readonly #stops = new Uint8Array(256)

  /** `delimiter` is a character, or `whitespace`. */
  constructor(delimiter: string, point = POINT) {
    this.#isAligned = delimiter === WHITESPACE
    // No byte of a text is -1.
    this.#delimiter = this.#isAligned ? -1 : delimiter.charCodeAt(0)
    this.#point = point
    this.#canReadDecimals = this.#delimiter !== point && (this.#isAligned || !/[-+\d]/.test(delimiter))
    const blanks = this.#isAligned ? [BLANK, TAB] : [this.#delimiter]
    for (const stop of [...blanks, LINE_FEED, CARRIAGE_RETURN, QUOTE]) this.#stops[stop] = 1
  }

  /** Reads the record at `start`; returns where the next one starts, or INCOMPLETE where `bytes` end before it does. */
  scan(bytes: Uint8Array, start: number, isLast: boolean): number {
    const stops = this.#stops
    const delimiter = this.#delimiter
    const end = bytes.length
    this.fields = 0
    this.innerLines = 0
    let position = start
    for (;;) {
      position = this.#skipBlanks(bytes, position)
      if (bytes[position] === QUOTE && position < end) {
        position = this.#quoted(bytes, position + 1, isLast)
        if (position === INCOMPLETE) return INCOMPLETE
      } else {
        const first = position
        if (this.#canReadDecimals) position = this.#decimal(bytes, first)
        while (position < end && stops[bytes[position] ?? 0] === 0) position++
        if (bytes[position] === QUOTE && position < end)
          throw new CsvSyntaxError('there is a double quote inside a field that does not begin with one')
        let last = position
        while (last > first && (bytes[last - 1] === BLANK || bytes[last - 1] === TAB)) last--
        this.#push(first, last, 0, position === this.#decimalEnd ? this.#number : NaN)
      }
      if (this.#isAligned) {
        position = this.#skipBlanks(bytes, position)
        const next = bytes[position]
        if (position < end && next !== LINE_FEED && next !== CARRIAGE_RETURN) continue
      }
      if (position >= end) return isLast ? end : INCOMPLETE
      const stop = bytes[position++]
      if (stop === delimiter) continue
      if (stop === CARRIAGE_RETURN) {
        if (position === end && !isLast) return INCOMPLETE
        if (bytes[position] === LINE_FEED) position++
      }
      return position
    }
  }

  /** Tells whether the last record is an empty line. */
  isEmpty(): boolean {
    return this.fields === 1 && this.quotes[0] === 0 && this.starts[0] === this.ends[0]
  }

  #skipBlanks(bytes: Uint8Array, start: number): number {
    let position = start
    for (;;) {
      const byte = bytes[position]
      if ((byte !== BLANK && byte !== TAB) || byte === this.#delimiter) return position
      position++
    }
  }

  /** Scans a quoted field from behind its opening quote; returns the position after it. */
  #quoted(bytes: Uint8Array, first: number, isLast: boolean): number {
    let position = first
    let kind = 1
    for (;;) {
      const quote = bytes.indexOf(QUOTE, position)
      if (!isLast && (quote < 0 || quote + 1 === bytes.length)) return INCOMPLETE
      if (quote < 0) throw new CsvSyntaxError('a double quote opens here or below and is never closed')
      position = quote + 1
      if (bytes[position] === QUOTE) {
        kind = 2
        position++
        continue
      }
      this.#push(first, quote, kind, NaN)
      this.#countLines(bytes, first, quote)
      const ended = position
      position = this.#skipBlanks(bytes, position)
      const next = bytes[position]
      if (next === undefined || next === this.#delimiter || next === LINE_FEED || next === CARRIAGE_RETURN)
        return position
      if (this.#isAligned && position > ended) return position
      throw new CsvSyntaxError(
        'a closing double quote is followed by text; a quote inside a quoted field is written twice',
      )
    }
  }

  #countLines(bytes: Uint8Array, start: number, end: number): void {
    for (let position = start; position < end; position++) {
      const byte = bytes[position]
      const isBreak = byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[position + 1] !== LINE_FEED)
      if (isBreak) this.innerLines++
    }
  }

  /**
   * Reads a sign, digits and a point, which most fields are, and returns where they end. The number is a 32-bit integer over
   * a power of ten, which rounds as the standard demands: see exactDecimal, which reads all others.
   */
  #decimal(bytes: Uint8Array, start: number): number {
    const end = bytes.length
    const mark = this.#point
    const sign = bytes[start]
    const first = sign === MINUS || sign === PLUS ? start + 1 : start
    let position = first
    let point = -1
    let mantissa = 0
    for (; position < end; position++) {
      const byte = bytes[position] ?? 0
      const digit = byte - ZERO
      if (digit >= 0 && digit <= 9) mantissa = (Math.imul(mantissa, 10) + digit) | 0
      else if (byte === mark && point < 0) point = position
      else break
    }
    const decimals = point < 0 ? 0 : position - point - 1
    const digits = position - first - (point < 0 ? 0 : 1)
    const value = digits > 0 && digits <= MOST_DIGITS ? mantissa / (powers[decimals] ?? NaN) : NaN
    this.#number = sign === MINUS ? -value : value
    this.#decimalEnd = position
    return position
  }

  #push(start: number, end: number, kind: number, number: number): void {
    if (this.fields === this.starts.length) {
      this.starts = larger(this.starts, new Int32Array(this.fields * 2))
      this.ends = larger(this.ends, new Int32Array(this.fields * 2))
      this.quotes = larger(this.quotes, new Uint8Array(this.fields * 2))
      this.numbers = larger(this.numbers, new Float64Array(this.fields * 2))
    }
    this.starts[this.fields] = start
    this.ends[this.fields] = end
    this.numbers[this.fields] = number
    this.quotes[this.fields++] = kind
  }
}

function larger<T extends Int32Array | Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
