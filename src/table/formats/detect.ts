import { isUtf8 } from 'node:buffer'

import { datePattern } from '../../runtime/date-format.ts'
import { partsOfDate } from '../../runtime/encodings/date.ts'
import { booleanIn, numberIn } from '../../runtime/cell.ts'
import { numberReader, patternOf } from '../../runtime/number-format.ts'
import type { NumberSigns } from '../../runtime/number-format.ts'
import { MISSING } from '../../runtime/text-form.ts'
import type { TextForm } from '../../runtime/text-form.ts'
import type { FileAccess } from '../files/file.ts'
import { columnNames } from './csv.ts'
import { CsvScanner, INCOMPLETE, WHITESPACE } from './csv-scanner.ts'
import { unzippedChunks } from './unzipped.ts'

/** The form that the first rows of a csv file seem to have, where it is not the usual one. */
export type DetectedForm = TextForm & {
  encoding?: string
  delimiter?: string
  header?: false
  skip_rows?: number
  comment?: string
}

const DELIMITERS = [',', ';', '\t', '|', '^', '~']
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
  'dd.MM.yy',
  'MM/dd/yy',
  'dd/MM/yy',
  'MMM d yyyy',
  'MMM d, yyyy',
  'd MMM yyyy',
  'd-MMM-yyyy',
  'd-MMM-yy',
  'EEE, d MMM yyyy',
  'MMMM d, yyyy',
  'd MMMM yyyy',
  'd. MMMM yyyy',
  'EEEE, d MMMM yyyy',
  'EEEE, MMMM d, yyyy',
  'yyyyMMdd',
  'yyyy-MM',
]
const times = ['', ' HH:mm', ' HH:mm:ss', ' h:mm a', ' h:mm:ss a', ' HH:mm:ss XXX', ' h:mm:ss a z']

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
    .concat('dd/MMM/yyyy:HH:mm:ss XXX')
    .map((pattern) => ({ pattern, read: datePattern(pattern) }))
  return made
}

/** Words that people write where there is no value, such as - or \\N. */
const PLACEHOLDER =
  /^([^\p{L}\p{N}]*|#(div\/0|n\/?[av]|name|null|num|ref|value|wert|zahl|bezug|valeur|nombre)[!?]?|\\n|n\W?[adv]\W?|k\W{0,2}a\W?|nan|none|null|nil|unknown|missing|empty)$/iu
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
function candidate(
  name: string,
  strings: readonly string[],
  units: ReadonlySet<string>,
): Candidate | undefined {
  const isValue = (string: string): boolean =>
    /\d/.test(string) && !isPlaceholder(string) && !units.has(string)
  const values = strings.filter(isValue)
  const words = [...new Set(strings.filter((string) => !isValue(string)))]
  const share = 1 - values.length / strings.length
  const isMissing = share <= MOST_OF_VALUES || words.every((word) => isPlaceholder(word) || units.has(word))
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
  const { delimiter, records, skip_rows, comment } = dividedBest(text.slice(named.length), sign)
  const header = isHeaderless(records) ? [] : records.slice(0, 1)
  const names = columnNames(header[0] ?? records[0]?.map(() => '') ?? [], () => undefined)
  return {
    ...(encoding !== 'utf-8' && { encoding }),
    ...(delimiter !== ',' && { delimiter }),
    ...(comment !== undefined && { comment }),
    ...(skip_rows > 0 && { skip_rows: skip_rows + (sign === undefined ? 0 : 1) }),
    ...(header.length === 0 && records.length > 0 && { header: false as const }),
    ...valuesForm([names, ...records.slice(header.length)], delimiter),
  }
}

/** The records of a text, and its lines that are none. */
type DividedText = {
  readonly delimiter: string
  readonly records: readonly string[][]
  readonly skip_rows: number
  readonly comment?: string
}

/** The records as the character divides them that makes the most fields of every line; blanks where none does. */
function dividedBest(text: string, sign: string | undefined): DividedText {
  const bytes = Buffer.from(text)
  const found = (sign === undefined ? DELIMITERS : [sign]).map(
    (delimiter) => [delimiter, recordsOf(bytes, delimiter)] as const,
  )
  const bestOf = (isShort: boolean): DividedText =>
    found
      .map(([delimiter, records]) => withoutTitle(delimiter, records, isShort))
      .toSorted((a, b) => widthOf(b.records) - widthOf(a.records))[0] ?? {
      delimiter: ',',
      records: [],
      skip_rows: 0,
    }
  const best = bestOf(false)
  if (widthOf(best.records) > 1) return withoutRowNames(best)
  const aligned = withoutTitle(WHITESPACE, recordsOf(bytes, WHITESPACE), false)
  if (widthOf(aligned.records) > 1) return withoutRowNames(aligned)
  const titled = bestOf(true)
  if (widthOf(titled.records) > 1) return withoutRowNames(titled)
  const rows = text.replaceAll(/^#.*(\r\n|\r|\n)/gm, '')
  const commented = rows.length < text.length ? dividedBest(rows, sign) : undefined
  if (commented && widthOf(commented.records) > 1) return { ...commented, comment: '#' }
  // Of a table with a line of too few or too many fields, the reading names that line.
  const [delimiter, records] = found.find(([, records]) => mostWidth(records) > 1) ?? []
  return delimiter === undefined ? best : withoutTitle(delimiter, records ?? [], false)
}

/** The fields that most of the records have; 0 where these are no majority. */
function mostWidth(records: readonly DividedRecord[]): number {
  const width = records[records.length >> 1]?.fields.length ?? 0
  return 2 * records.filter(({ fields }) => fields.length === width).length > records.length ? width : 0
}

/** The most lines of a title above the header, and of remarks below the rows. */
const [MOST_OF_TITLE, MOST_REMARKS] = [20, 5]

/**
 * The records below a title, whose lines have a single text, or fewer fields than the header where they may be short; with
 * these, remarks below the rows are left out, too.
 */
function withoutTitle(delimiter: string, all: readonly DividedRecord[], isShort: boolean): DividedText {
  const { length = 0 } = all[all.length >> 1]?.fields ?? []
  const last = all.findLastIndex(({ fields }) => fields.length === length)
  const rows = isShort && last >= all.length - MOST_REMARKS ? all.slice(0, last + 1) : all
  const top = rows.findIndex(
    ({ fields }) =>
      fields.length >= (isShort ? Math.max(2, length - 1) : 0) &&
      (fields.length < 3 || fields.filter(Boolean).length > 1),
  )
  const [above, header, row] = rows.slice(top, top + 3).map(({ fields }) => fields)
  const first = above && header && row && isMerged(above, header, row) ? top + 1 : top
  const isTitled = first > 0 && first <= MOST_OF_TITLE
  const records = (isTitled ? rows.slice(first) : rows).map(({ fields }) => fields)
  return { delimiter, records, skip_rows: isTitled ? (rows[first]?.line ?? 1) - 1 : 0 }
}

/** True for names of groups of columns above their own names: one for several columns, with empty fields beside it. */
function isMerged(above: readonly string[], header: readonly string[], row: readonly string[]): boolean {
  const isName = (field: string): boolean => field !== '' && numberIn(field) === undefined
  return above.includes('') && header.every(isName) && row.some((field) => numberIn(field) !== undefined)
}

/** The words of a first row that has the units of the columns of numbers below it. */
function unitsIn([first = [], ...rows]: readonly (readonly string[])[]): ReadonlySet<string> {
  const isUnit = (field: string, i: number): boolean =>
    /^\D/.test(field) && rows.every((row) => row[i] === '' || /^[-+]?\d/.test(row[i] ?? ''))
  const isRow = rows.length < 3 || first.some((field, i) => field !== '' && !isUnit(field, i))
  return new Set(isRow ? [] : first.filter(Boolean))
}

/** The fields of the first line, 0 where others have more or less of them; R writes names of rows before the columns of a header. */
function widthOf([first = [], ...others]: readonly string[][]): number {
  const [width = first.length] = others.map(({ length }) => length)
  const fits = width === first.length || (width === first.length + 1 && first.length > 1)
  return fits && others.every(({ length }) => length === width) ? first.length : 0
}

function withoutRowNames(text: DividedText): DividedText {
  const [header = [], ...rows] = text.records
  if (rows[0]?.length !== header.length + 1) return text
  const isClosed = rows.every((row) => row.at(-1) === '')
  return {
    ...text,
    records: [header, ...rows.map((row) => (isClosed ? row.slice(0, -1) : row.slice(1)))],
  }
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
  const units = unitsIn(rows)
  const columns = names.flatMap(
    (name, i) =>
      candidate(
        name,
        rows.flatMap((row) => (known.has(row[i] ?? '') ? [] : (row[i] ?? []))),
        units,
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
  /^[+-]?\s*(?<before>(?:[A-Z]{1,2}(?=\p{Sc}))?\p{Sc}|(?:USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|SEK|NOK|DKK|PLN|CZK)(?=\s?[\d+-]))?\s*(?<number>[+-]?\d(?:[\d.,'\u2019\u00a0\u2009\u202f ]*\d)?)(?<behind>\s?(?!(?:st|nd|rd|th|am|pm)$)(?:[%‰]|°[CF]?|\p{Sc}|[mglhK]|\p{L}{1,3}[²³]|\p{L}{2,5}(?: ?\p{L}{2,6})?))?$/u

/** Different numbers with letters right behind them that are names, such as 4wd, and rows that each needs on average. */
const [MOST_NAMES, ROWS_OF_A_NAME] = [5, 4]

/** The pattern of numbers of one column, where all have the same signs and the same unit; undefined where they are none. */
function numberPatternOf(strings: readonly string[]): string | undefined {
  const parts = strings.map((string) => WITH_UNIT.exec(string)?.groups)
  const [first] = parts
  if (first === undefined) return undefined
  const { before = '', behind = '' } = first
  if (parts.some((part) => (part?.['before'] ?? '') !== before || (part?.['behind'] ?? '') !== behind))
    return undefined
  const numbers = parts.map((part) => part?.['number'] ?? '')
  const isWord = /^\p{L}/u.test(behind)
  if (isWord && new Set(numbers).size <= Math.min(MOST_NAMES, numbers.length / ROWS_OF_A_NAME))
    return undefined
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

type DividedRecord = { readonly line: number; readonly fields: string[] }

function recordsOf(bytes: Buffer, delimiter: string): DividedRecord[] {
  const scanner = new CsvScanner(delimiter)
  const records: DividedRecord[] = []
  try {
    let line = 1
    for (let position = 0; position < bytes.length && records.length < SAMPLE;) {
      position = scanner.scan(bytes, position, false)
      if (position === INCOMPLETE) break
      if (!scanner.isEmpty()) {
        const fieldAt = (_: unknown, i: number): string =>
          bytes.toString('utf8', scanner.starts[i], scanner.ends[i])
        records.push({ line, fields: Array.from({ length: scanner.fields }, fieldAt) })
      }
      line += 1 + scanner.innerLines
    }
  } catch {
    // Quotes that break the rules of csv: another delimiter may do.
    return []
  }
  return records
}
