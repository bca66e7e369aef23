import { isUtf8 } from 'node:buffer'

import { datePattern } from '../../runtime/date-format.ts'
import { partsOfDate } from '../../runtime/encodings/date.ts'
import { booleanIn, numberIn } from '../../runtime/cell.ts'
import { numberReader, patternOf } from '../../runtime/number-format.ts'
import type { NumberSigns } from '../../runtime/number-format.ts'
import { MISSING } from '../../runtime/text-form.ts'
import type { TextForm } from '../../runtime/text-form.ts'
import type { FileAccess } from '../files/file.ts'
import { CsvScanner, INCOMPLETE, WHITESPACE } from './csv-scanner.ts'
import { unzippedChunks } from './unzipped.ts'

/** The form that the first rows of a csv file seem to have, where it is not the usual one. */
export type DetectedForm = TextForm & { encoding?: string; delimiter?: string; header?: false }

const DELIMITERS = [',', ';', '\t', '|']
/** The most bytes and records that the form is detected from. */
const [SAMPLE_BYTES, SAMPLE] = [2 ** 22, 10_000]

const numberForms: readonly NumberSigns[] = [
  { thousands: ',' },
  { decimal: ',' },
  { decimal: ',', thousands: '.' },
  { thousands: ' ' },
  { thousands: "'" },
  { decimal: ',', thousands: ' ' },
]

const dates = [
  'dd.MM.yyyy',
  'MM/dd/yyyy',
  'dd/MM/yyyy',
  'yyyy/MM/dd',
  'dd-MM-yyyy',
  'MMM d yyyy',
  'MMM d, yyyy',
  'd MMM yyyy',
  'yyyyMMdd',
  'yyyy-MM',
]
const times = ['', ' HH:mm', ' HH:mm:ss', ' h:mm a']

/** The signs of the numbers that all these strings are; undefined where they are none, or plain ones. */
export function numberForm(strings: readonly string[]): NumberSigns | undefined {
  if (areNumbers(strings, {})) return undefined
  return numberForms.find((form) => areNumbers(strings, form))
}

/** True where all strings are numbers with these signs. */
function areNumbers(strings: readonly string[], form: NumberSigns): boolean {
  return strings.every(numberTest(form))
}

/** Returns what tells numbers with these signs; 0,123 and 0.123 are no numbers of thousands. */
function numberTest(form: NumberSigns): (string: string) => boolean {
  const read = numberReader(form)
  const fraction = form.thousands === undefined ? undefined : new RegExp(`^[+-]?0\\${form.thousands}`)
  return (string) => read(string) !== undefined && fraction?.test(string) !== true
}

/** The patterns in which all these strings are dates, the likeliest first; none where ISO 8601 is one. */
export function dateFormats(strings: readonly string[]): string[] {
  if (strings.length === 0 || strings.some((string) => partsOfDate(string))) return []
  return dateReaders().flatMap(({ pattern, read }) =>
    strings.every((string) => partsOfDate(read(string) ?? '') !== undefined) ? [pattern] : [],
  )
}

type DateReader = { pattern: string; read: ReturnType<typeof datePattern> }
let made: DateReader[] | undefined

/** The readers of all patterns, made once: a table may have a million columns. */
function dateReaders(): readonly DateReader[] {
  made ??= dates
    .flatMap((date) => times.map((time) => date + time))
    .map((pattern) => ({ pattern, read: datePattern(pattern) }))
  return made
}

/** Words that people write where there is no value, such as - or \\N. */
const PLACEHOLDER =
  /^([^\p{L}\p{N}]*|\\n|n\W?[adv]\W?|k\W{0,2}a\W?|nan|none|null|nil|unknown|missing|empty)$/iu
/** True for a word that stands for no value wherever it is written. */
export function isPlaceholder(word: string): boolean {
  return PLACEHOLDER.test(word)
}

/** The most words for a missing value in a column of numbers or dates, and the most of its values that any word may take. */
const [MOST_WORDS, MOST_OF_VALUES] = [4, 0.1]

/** A column whose values may be numbers or dates, and the words among them that stand for a missing value. */
type Candidate = {
  readonly name: string
  readonly values: readonly string[]
  readonly words: readonly string[]
}

/** Numbers and dates have digits; undefined where too many strings have none. */
function candidate(name: string, strings: readonly string[]): Candidate | undefined {
  const values = strings.filter((string) => /\d/.test(string))
  const words = [...new Set(strings.filter((string) => !/\d/.test(string)))]
  const share = 1 - values.length / strings.length
  const isMissing = share <= MOST_OF_VALUES || words.every(isPlaceholder)
  if (values.length === 0 || words.length > MOST_WORDS || !isMissing) return undefined
  return words.some((word) => booleanIn(word) !== undefined) ? undefined : { name, values, words }
}

/** The signs with which the most columns are numbers, plain ones before others. */
function signsOf(columns: readonly Candidate[], delimiter: string | undefined): NumberSigns {
  // A file of semicolons is of a place where 1.234 is a whole number.
  const isGrouped = columns.some(({ values }) =>
    values.some((value) => /^[+-]?\d{1,3}(\.\d{3})+$/.test(value)),
  )
  const likely =
    delimiter === ';' && isGrouped ? numberForms.filter(({ thousands }) => thousands === '.') : []
  const [best = {}] = [...likely, {}, ...numberForms]
    .map((form) => ({ form, isNumber: numberTest(form) }))
    .map(({ form, isNumber }) => ({
      form,
      count: columns.filter(({ values }) => values.every(isNumber)).length,
    }))
    .toSorted((a, b) => b.count - a.count)
    .map(({ form }) => form)
  return best
}

/** Detects encoding, delimiter, signs in numbers, patterns of dates and words for missing values from the start of a csv file. */
export async function detectForm(path: string, access: FileAccess): Promise<DetectedForm> {
  const start = await startOf(path, access)
  const encoding = encodingOf(start)
  // As a stream: Node 20 decodes windows-1252 at once as if it were ISO 8859-1, without its euro sign.
  const text = new TextDecoder(encoding).decode(start, { stream: true })
  const [named, sign] = /^sep=(.)\r?\n/.exec(text) ?? ['']
  const { delimiter, records } = dividedBest(Buffer.from(text.slice(named.length)), sign)
  const header = isHeaderless(records) ? [] : records.slice(0, 1)
  const [names = records[0]?.map((_, i) => `column_${i + 1}`) ?? []] = header
  return {
    ...(encoding !== 'utf-8' && { encoding }),
    ...(delimiter !== ',' && { delimiter }),
    ...(header.length === 0 && records.length > 0 && { header: false as const }),
    ...valuesForm([names, ...records.slice(header.length)], delimiter),
  }
}

type DividedText = { readonly delimiter: string; readonly records: readonly string[][] }

/** The records as the character divides them that makes the most fields of every line; blanks where none does. */
function dividedBest(bytes: Buffer, sign: string | undefined): DividedText {
  const dividedBy = (delimiter: string): DividedText => ({ delimiter, records: recordsOf(bytes, delimiter) })
  if (sign !== undefined) return dividedBy(sign)
  const [best] = DELIMITERS.map(dividedBy).toSorted((a, b) => widthOf(b.records) - widthOf(a.records))
  if (best && widthOf(best.records) > 1) return withoutRowNames(best)
  const aligned = dividedBy(WHITESPACE)
  return best && widthOf(aligned.records) < 2 ? best : withoutRowNames(aligned)
}

/** The fields of the first line, 0 where others have more or less of them; R writes names of rows before the columns of a header. */
function widthOf([first = [], ...others]: readonly string[][]): number {
  const [width = first.length] = others.map(({ length }) => length)
  const fits = width === first.length || (width === first.length + 1 && first.length > 1)
  return fits && others.every(({ length }) => length === width) ? first.length : 0
}

function withoutRowNames({ delimiter, records }: DividedText): DividedText {
  const [header = [], ...rows] = records
  if (rows[0]?.length !== header.length + 1) return { delimiter, records }
  return { delimiter, records: [header, ...rows.map((row) => row.slice(1))] }
}

/**
 * True where the first line is a row: some of its fields are numbers, as those below are, and most of the others are there
 * again below. Numbers that count up are names, such as years.
 */
function isHeaderless([first = [], ...rows]: readonly string[][]): boolean {
  const numbers = first.map(numberIn)
  const own = numbers.filter((number) => number !== undefined)
  const counts = own.every(
    (number, i) => Number.isInteger(number) && (i === 0 || number === (own[i - 1] ?? 0) + 1),
  )
  if (own.length === 0 || (counts && own.length > 1) || rows.length < 2) return false
  const repeated = first.filter(
    (field, i) => numbers[i] === undefined && rows.some((row) => row[i] === field),
  )
  return repeated.length >= (first.length - own.length) / 2
}

/** The form of the values in records below their header. */
function valuesForm([names = [], ...rows]: readonly string[][], delimiter: string | undefined): TextForm {
  const known = new Set(MISSING)
  const columns = names.flatMap(
    (name, i) =>
      candidate(
        name,
        rows.flatMap((row) => (known.has(row[i] ?? '') ? [] : (row[i] ?? []))),
      ) ?? [],
  )
  const formats = columns.flatMap(({ name, values }) =>
    dateFormats(values)
      .slice(0, 1)
      .map((format): [string, string] => [name, format]),
  )
  const dated = new Set(formats.map(([name]) => name))
  const signs = signsOf(
    columns.filter(({ name }) => !dated.has(name)),
    delimiter,
  )
  const isPlain = ({ name, values }: Candidate): boolean =>
    dated.has(name) || values.every((value) => partsOfDate(value)) || areNumbers(values, signs)
  const others = columns
    .filter((column) => !isPlain(column))
    .flatMap(({ name, values }) => {
      const pattern = numberPatternOf(values)
      return pattern === undefined ? [] : [[name, pattern] as const]
    })
  const patterns = Object.fromEntries([...formats, ...others])
  const words = new Set(
    columns.flatMap((column) => (isPlain(column) || column.name in patterns ? column.words : [])),
  )
  return {
    ...signs,
    ...(words.size > 0 && { missing_values: [...MISSING.filter(Boolean), ...words] }),
    ...(Object.keys(patterns).length > 0 && { formats: patterns }),
  }
}

/** A number with the sign of a currency before it, or a unit behind it; marks of order such as 1st are no units. */
const WITH_UNIT =
  /^[+-]?\s*(?<before>(?:[A-Z]{1,2}(?=\p{Sc}))?\p{Sc}|(?:USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|SEK|NOK|DKK|PLN|CZK)(?=\s?[\d+-]))?\s*(?<number>[+-]?\d(?:[\d.,'\u00a0\u202f ]*\d)?)(?<behind>\s?(?!(?:st|nd|rd|th|am|pm)$)(?:[%‰]|°[CF]?|\p{Sc}|[mglhK]|\p{L}{1,3}[²³]|\p{L}{2,5}(?: ?\p{L}{2,6})?))?$/u

/** The pattern of numbers of one column, where all have the same signs and the same unit; undefined where they are none. */
function numberPatternOf(strings: readonly string[]): string | undefined {
  const parts = strings.map((string) => WITH_UNIT.exec(string)?.groups)
  const [first] = parts
  if (first === undefined) return undefined
  const { before = '', behind = '' } = first
  if (parts.some((part) => (part?.['before'] ?? '') !== before || (part?.['behind'] ?? '') !== behind))
    return undefined
  const numbers = parts.map((part) => part?.['number'] ?? '')
  const signs = [{}, ...numberForms].find((form) => areNumbers(numbers, form))
  return signs && patternOf(signs, before, behind)
}

/** The first bytes of a file. */
async function startOf(path: string, access: FileAccess): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of unzippedChunks(path, { ...access, fingerprint: undefined })) {
    chunks.push(Uint8Array.from(chunk))
    size += chunk.length
    if (size >= SAMPLE_BYTES) break
  }
  return Buffer.concat(chunks)
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (bytes[1] === 0 && bytes[3] === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (bytes[0] === 0 && bytes[2] === 0)) return 'utf-16be'
  // A piece may end within a character.
  return [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut))) ? 'utf-8' : 'windows-1252'
}

function recordsOf(bytes: Buffer, delimiter: string): string[][] {
  const scanner = new CsvScanner(delimiter)
  const records: string[][] = []
  try {
    for (let position = 0; position < bytes.length && records.length < SAMPLE;) {
      position = scanner.scan(bytes, position, false)
      if (position === INCOMPLETE) break
      if (scanner.isEmpty()) continue
      records.push(
        Array.from({ length: scanner.fields }, (_, i) =>
          bytes.toString('utf8', scanner.starts[i], scanner.ends[i]),
        ),
      )
    }
  } catch {
    // Quotes that break the rules of csv: another delimiter may do.
    return []
  }
  return records
}
