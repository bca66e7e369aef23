import { isUtf8 } from 'node:buffer'

import { DataError } from '../../errors.ts'
import type { FileAccess } from '../files/file.ts'
import { likelyEncoding } from './encoding.ts'
import { refuseForeign } from './foreign.ts'
import { unzippedChunks } from './unzipped.ts'

/** Bytes that are no text in the encoding of the file; they are the next after those that were read. */
export class EncodingError extends Error {
  readonly hint: string
  /** The same for files whose encoding no key names. */
  readonly hintToConvert: string

  constructor(bytes: Uint8Array, at: number) {
    const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0')
    const likely = likelyEncoding(bytes)
    const encoding = likely === 'utf-8' ? 'windows-1252' : likely
    super(`byte 0x${byte} is not UTF-8; as ${encoding} it reads "${wordAt(bytes, at, encoding)}"`)
    const isUtf8Before = bytes.subarray(0, at).some((before) => before >= 0x80)
    if (isUtf8Before && /^(utf-8|windows-)/.test(likely)) {
      this.hint = 'the text before it is UTF-8: correct these bytes, or save the whole file as UTF-8'
      this.hintToConvert = this.hint
      return
    }
    this.hint = `if that is right set data.encoding: ${encoding}, else the encoding of the file (such as utf-16le, iso-8859-2 or shift_jis), or save it as UTF-8`
    this.hintToConvert = `save the file as UTF-8; if that is right, \`iconv -f ${encoding} -t utf-8\` converts it`
  }
}

/** The text of a file in UTF-8 without a byte order mark, in pieces of whole characters. */
export async function* textChunks(
  path: string,
  name: string,
  reading: FileAccess,
  encoding?: string,
): AsyncGenerator<Uint8Array> {
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let rest = new Uint8Array()
  let isFirst = true
  for await (const chunk of unzippedChunks(path, reading)) {
    if (isFirst) {
      refuseForeign(name, chunk)
      decoder = decoderFor(chunk, name, encoding)
    }
    if (decoder) yield Buffer.from(decoded(decoder, name, chunk))
    else {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      const end = wholeLength(bytes)
      if (!isUtf8(bytes.subarray(0, end))) yield* untilInvalid(bytes)
      yield bytes.subarray(isFirst && isMarked(bytes) ? 3 : 0, end)
      rest = Uint8Array.from(bytes.subarray(end))
    }
    isFirst = false
  }
  if (decoder) decoded(decoder, name)
  if (rest.length > 0) throw new EncodingError(rest, 0)
}

/** A longer line is taken for a file of another kind. */
const LONGEST_LINE = 2 ** 26

/** The lines of a file in UTF-8. */
export async function* textLines(path: string, name: string, reading: FileAccess): AsyncGenerator<string> {
  let rest = ''
  let read = 0
  try {
    for await (const chunk of textChunks(path, name, reading)) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LONGEST_LINE) throw new DataError(`${name}: a line is longer than 64 MB`)
      yield* lines
      read += lines.length
    }
  } catch (cause) {
    if (!(cause instanceof EncodingError)) throw cause
    throw new DataError(`${name}:${read + 1}: ${cause.message}`, { cause, hint: cause.hintToConvert })
  }
  yield rest
}

/** A decoder where the file is not in UTF-8. */
function decoderFor(
  bytes: Uint8Array,
  name: string,
  encoding: string | undefined,
): InstanceType<typeof TextDecoder> | undefined {
  const marked = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be'
  const isUtf16 = marked === 'utf-16le' || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const label = isUtf16 ? marked : encoding
  if (label !== undefined && !/^utf-?8$/i.test(label)) return new TextDecoder(label, { fatal: true })
  const start = bytes.subarray(0, 65536)
  if (!start.includes(0)) return undefined
  const zeros = [0, 1].map((odd) => start.filter((byte, i) => i % 2 === odd && byte === 0).length)
  const [even = 0, odd = 0] = zeros
  const likely = Math.max(even, odd) > start.length / 4 ? (odd > even ? 'utf-16le' : 'utf-16be') : undefined
  throw new DataError(
    `${name}: this is a binary file, not csv`,
    likely === undefined ? {} : { hint: `it may be text in ${likely}: set data.encoding: ${likely}` },
  )
}

function decoded(decoder: InstanceType<typeof TextDecoder>, name: string, bytes?: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined })
  } catch (cause) {
    throw new DataError(`${name}: the file is not in ${decoder.encoding}`, {
      cause,
      hint: 'data.encoding names the encoding of the file',
    })
  }
}

function isMarked(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

/** The length without a character of which only the first bytes are there. */
function wholeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0)
      return byte >= (back === 3 ? 0xf0 : back === 2 ? 0xe0 : 0xc0) ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Yields the bytes before the first that is not UTF-8, and throws. */
function* untilInvalid(bytes: Uint8Array): Generator<Uint8Array> {
  let [valid, invalid] = [0, bytes.length]
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >>> 1
    const start = bytes.subarray(0, middle)
    if (isUtf8(start.subarray(0, wholeLength(start)))) valid = middle
    else invalid = middle
  }
  const at = wholeLength(bytes.subarray(0, valid))
  yield bytes.subarray(0, at)
  throw new EncodingError(bytes, at)
}

/** The field around a byte that begins a character of an encoding. */
function wordAt(bytes: Uint8Array, at: number, encoding: string): string {
  const text = new TextDecoder(encoding).decode(bytes.subarray(Math.max(0, at - 20), at + 20), {
    stream: true,
  })
  const middle = Math.min(at, 20)
  const before = /[^,;|"\t\r\n]*$/.exec(text.slice(0, middle))?.[0] ?? ''
  const behind = /^[^,;|"\t\r\n]*/.exec(text.slice(middle))?.[0] ?? ''
  return (before + behind).replaceAll(/\p{Cc}/gu, '?')
}
