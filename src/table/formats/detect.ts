import { numberIn } from '../../runtime/cell.ts'
import type { TextForm } from '../../runtime/text-form.ts'
import type { FileAccess } from '../files/file.ts'
import { columnNames } from './csv.ts'
import { CsvScanner, INCOMPLETE, WHITESPACE } from './csv-scanner.ts'
import { likelyEncoding } from './encoding.ts'
import { MOST_REMARKS, mostWidth, withoutOtherLines } from './other-lines.ts'
import type { CsvRecord, DividedText } from './other-lines.ts'
import { unzippedChunks } from './unzipped.ts'
import { valuesForm } from './value-forms.ts'

/** The form that the first rows of a csv file seem to have, where it is not the usual one. */
export type DetectedForm = TextForm & {
  encoding?: string
  delimiter?: string
  header?: false
  skip_rows?: number
  comment?: string | string[]
}

const DELIMITERS = [',', ';', '\t', '|', '^', '~']
/** The most bytes and records from the start of a file that its form is detected from. */
const [SAMPLE_BYTES, SAMPLE] = [2 ** 22, 10_000]
/** Bytes of its end that are looked at. */
const END_BYTES = 2 ** 16

/** Detects encoding, delimiter, lines that are no rows, signs in numbers, patterns of dates and words for missing values. */
export async function detectForm(path: string, access: FileAccess): Promise<DetectedForm> {
  const { start, end } = await endsOf(path, access)
  const encoding = likelyEncoding(start)
  // As a stream: Node 20 decodes windows-1252 at once as if it were ISO 8859-1, without its euro sign.
  const textIn = (bytes: Uint8Array): string => new TextDecoder(encoding).decode(bytes, { stream: true })
  const text = textIn(start)
  const [named, sign] = /^sep=(.)\r?\n/.exec(text) ?? ['']
  const sampled = { text: text.slice(named.length), end: end && textIn(end) }
  const { delimiter, records, skip_rows, comments } = dividedBest(sampled, sign)
  const header = isHeaderless(records) ? [] : records.slice(0, 1)
  const names = columnNames(header[0] ?? records[0]?.map(() => '') ?? [], () => undefined)
  const [comment, ...others] = comments
  return {
    ...(encoding !== 'utf-8' && { encoding }),
    ...(delimiter !== ',' && { delimiter }),
    ...(comment !== undefined && { comment: others.length > 0 ? [comment, ...others] : comment }),
    ...(skip_rows > 0 && { skip_rows: skip_rows + (sign === undefined ? 0 : 1) }),
    ...(header.length === 0 && records.length > 0 && { header: false as const }),
    ...valuesForm([names, ...records.slice(header.length)], delimiter),
  }
}

/** The text of a file, or that of its start and of its end. */
type SampledText = { readonly text: string; readonly end: string | undefined }

/** The records as the character divides them that makes the most fields of every line; blanks where none does. */
function dividedBest({ text, end }: SampledText, sign: string | undefined): DividedText {
  const recordsBy = (delimiter: string) => sampledRecords({ text, end }, delimiter)
  const found = (sign === undefined ? DELIMITERS : [sign]).map(
    (delimiter) => [delimiter, recordsBy(delimiter)] as const,
  )
  const bestOf = (isShort: boolean): DividedText =>
    found
      .map(([delimiter, records]) => withoutOtherLines(delimiter, records, isShort))
      .toSorted((a, b) => widthOf(b.records) - widthOf(a.records))[0] ?? {
      delimiter: ',',
      records: [],
      skip_rows: 0,
      comments: [],
    }
  const best = bestOf(false)
  if (widthOf(best.records) > 1) return withoutRowNames(best)
  const titled = bestOf(true)
  const aligned = withoutOtherLines(WHITESPACE, recordsBy(WHITESPACE), false)
  // A comma may be the sign of a fraction.
  if (widthOf(titled.records) > 1 && (titled.delimiter !== ',' || widthOf(aligned.records) < 2))
    return withoutRowNames(titled)
  if (widthOf(aligned.records) > 1) return withoutRowNames(aligned)
  const rows = text.replaceAll(COMMENTS, '')
  const commented =
    rows.length < text.length
      ? dividedBest({ text: rows, end: end?.replaceAll(COMMENTS, '') }, sign)
      : undefined
  if (commented && widthOf(commented.records) > 1)
    return { ...commented, comments: ['#', ...commented.comments] }
  // Of a table with a line of too few or too many fields, the reading names that line.
  const [delimiter, records] = found.find(([, records]) => mostWidth(records) > 1) ?? []
  return delimiter === undefined ? best : withoutOtherLines(delimiter, records ?? [], false)
}

const COMMENTS = /^#.*(\r\n|\r|\n)/gm

/** The fields of the first line, 0 where others have more or less of them; R writes names of rows before the columns of a header. */
function widthOf([first = [], ...others]: DividedText['records']): number {
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

/** True where the first line is a row: most of its strings are there again below. Numbers that count up are names, such as years. */
function isHeaderless([first = [], ...rows]: DividedText['records']): boolean {
  const numbers = first.map(numberIn)
  const own = numbers.filter((number) => number !== undefined)
  const counts = own.every(
    (number, i) => Number.isInteger(number) && (i === 0 || number === (own[i - 1] ?? 0) + 1),
  )
  if ((counts && own.length > 1) || rows.length < 2) return false
  const repeated = first.filter(
    (field, i) => field !== '' && numbers[i] === undefined && rows.some((row) => row[i] === field),
  )
  return repeated.length >= (first.length - own.length) / 2
}

/** The first bytes of a file, and the last of one that is larger. */
async function endsOf(
  path: string,
  access: FileAccess,
): Promise<{ start: Uint8Array; end: Uint8Array | undefined }> {
  const chunks: Uint8Array[] = []
  let size = 0
  let last: readonly Uint8Array[] = []
  for await (const chunk of unzippedChunks(path, { ...access, fingerprint: undefined })) {
    if (size < SAMPLE_BYTES) chunks.push(Uint8Array.from(chunk))
    else last = [...last.slice(-1), chunk.slice(-END_BYTES)]
    size += chunk.length
  }
  return { start: Buffer.concat(chunks), end: last.length > 0 ? Buffer.concat(last) : undefined }
}

/** The first records of a text, and the last of one that has more. */
function sampledRecords({ text, end }: SampledText, delimiter: string): CsvRecord[] {
  const records = recordsOf(Buffer.from(text), delimiter, end === undefined)
  if (end === undefined && records.length < SAMPLE) return records
  const rest = (end ?? text).slice(-END_BYTES).replace(/^.*\n/, '')
  const last = recordsOf(Buffer.from(rest), delimiter, true)
  // They may begin within a field in quotes.
  const width = mostWidth(records)
  const cut = last.findLastIndex(({ fields }, i) => fields.length !== width && i < last.length - MOST_REMARKS)
  return [...records, ...last.slice(cut + 1)]
}

function recordsOf(bytes: Buffer, delimiter: string, isWhole: boolean): CsvRecord[] {
  const scanner = new CsvScanner(delimiter)
  const records: CsvRecord[] = []
  try {
    let line = 1
    for (let position = 0; position < bytes.length && records.length < SAMPLE;) {
      const start = position
      position = scanner.scan(bytes, start, isWhole)
      if (position === INCOMPLETE) break
      const end = position
      if (!scanner.isEmpty()) {
        const fieldAt = (_: unknown, i: number): string =>
          bytes.toString('utf8', scanner.starts[i], scanner.ends[i])
        records.push({
          line,
          fields: Array.from({ length: scanner.fields }, fieldAt),
          text: () => bytes.toString('utf8', start, end).replace(/[\r\n]+$/, ''),
        })
      }
      line += 1 + scanner.innerLines
    }
  } catch {
    // Quotes that break the rules of csv: another delimiter may do.
    return []
  }
  return records
}
