import { isUtf8 } from 'node:buffer'

import { datePattern } from '../../runtime/date-format.ts'
import { partsOfDate } from '../../runtime/encodings/date.ts'
import { booleanIn } from '../../runtime/cell.ts'
import { MISSING, numberReader } from '../../runtime/text-form.ts'
import type { TextForm } from '../../runtime/text-form.ts'
import { readChunks } from '../files/file.ts'
import type { FileAccess } from '../files/file.ts'
import { CsvScanner, INCOMPLETE } from './csv-scanner.ts'

/** The form that the first rows of a csv file seem to have, where it is not the usual one. */
export type DetectedForm = TextForm & { encoding?: string; delimiter?: string }

const DELIMITERS = [',', ';', '\t', '|']
/** The most bytes and records that the form is detected from. */
const [SAMPLE_BYTES, SAMPLE] = [2 ** 22, 10_000]

type Signs = Pick<TextForm, 'decimal' | 'thousands'>

const numberForms: readonly Signs[] = [
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
export function numberForm(strings: readonly string[]): Signs | undefined {
  if (areNumbers(strings, {})) return undefined
  return numberForms.find((form) => areNumbers(strings, form))
}

/** True where all strings are numbers with these signs. */
function areNumbers(strings: readonly string[], form: Signs): boolean {
  return strings.every(numberTest(form))
}

/** Returns what tells numbers with these signs; 0,123 and 0.123 are no numbers of thousands. */
function numberTest(form: Signs): (string: string) => boolean {
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
const PLACEHOLDER = /^([^\p{L}\p{N}]*|\\n|n\W?[ad]\W?|nan|none|null|nil|unknown|missing|empty)$/iu
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
function signsOf(columns: readonly Candidate[], delimiter: string | undefined): Signs {
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
  const bytes = Buffer.from(new TextDecoder(encoding).decode(start))
  const found = DELIMITERS.map((delimiter) => ({ delimiter, records: recordsOf(bytes, delimiter) }))
  const widthOf = ([first, ...others]: readonly string[][]): number =>
    first && others.every(({ length }) => length === first.length) ? first.length : 0
  const [best] = found.toSorted((a, b) => widthOf(b.records) - widthOf(a.records))
  return {
    ...(encoding !== 'utf-8' && { encoding }),
    ...(best && best.delimiter !== ',' && { delimiter: best.delimiter }),
    ...valuesForm(best?.records ?? [], best?.delimiter),
  }
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
  const words = new Set(
    columns.flatMap(({ name, values, words }) =>
      dated.has(name) || values.every((value) => partsOfDate(value)) || areNumbers(values, signs)
        ? words
        : [],
    ),
  )
  return {
    ...signs,
    ...(words.size > 0 && { missing_values: [...MISSING.filter(Boolean), ...words] }),
    ...(formats.length > 0 && { formats: Object.fromEntries(formats) }),
  }
}

/** The first bytes of a file. */
async function startOf(path: string, access: FileAccess): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of readChunks(path, { ...access, fingerprint: undefined })) {
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
  const scanner = new CsvScanner(delimiter.charCodeAt(0))
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
