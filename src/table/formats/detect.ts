import { isUtf8 } from 'node:buffer'

import { datePattern } from '../../runtime/date-format.ts'
import { partsOfDate } from '../../runtime/encodings/date.ts'
import { numberReader } from '../../runtime/text-form.ts'
import type { TextForm } from '../../runtime/text-form.ts'
import { readChunks } from '../files/file.ts'
import type { FileAccess } from '../files/file.ts'
import { CsvScanner, INCOMPLETE } from './csv-scanner.ts'

/** The form that the first rows of a csv file seem to have, where it is not the usual one. */
export type DetectedForm = TextForm & { encoding?: string; delimiter?: string }

const DELIMITERS = [',', ';', '\t', '|']
/** The most records that are looked at. */
const SAMPLE = 1000

const numberForms: readonly TextForm[] = [
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
export function numberForm(strings: readonly string[]): Pick<TextForm, 'decimal' | 'thousands'> | undefined {
  const plain = numberReader({})
  if (strings.every((string) => plain(string) !== undefined)) return undefined
  // 0,123 is no number of thousands.
  const isFraction = strings.some((string) => /^[+-]?0,/.test(string))
  return numberForms.find((form) => {
    const read = numberReader(form)
    return !(isFraction && form.thousands === ',') && strings.every((string) => read(string) !== undefined)
  })
}

/** The patterns in which all these strings are dates, the likeliest first; none where ISO 8601 is one. */
export function dateFormats(strings: readonly string[]): string[] {
  if (strings.length === 0 || strings.some((string) => partsOfDate(string))) return []
  return dates
    .flatMap((date) => times.map((time) => date + time))
    .filter((pattern) => {
      const read = datePattern(pattern)
      return strings.every((string) => partsOfDate(read(string) ?? '') !== undefined)
    })
}

/** Detects encoding, delimiter, signs in numbers and patterns of dates from the start of a csv file. */
export async function detectForm(path: string, access: FileAccess): Promise<DetectedForm> {
  let start = new Uint8Array()
  for await (const chunk of readChunks(path, { ...access, fingerprint: undefined })) {
    start = Uint8Array.from(chunk)
    break
  }
  const encoding = encodingOf(start)
  const bytes = Buffer.from(new TextDecoder(encoding).decode(start))
  const found = DELIMITERS.map((delimiter) => ({ delimiter, records: recordsOf(bytes, delimiter) }))
  const widthOf = ([first, ...others]: readonly string[][]): number =>
    first && others.every(({ length }) => length === first.length) ? first.length : 0
  const [best] = found.toSorted((a, b) => widthOf(b.records) - widthOf(a.records))
  const [names = [], ...rows] = best?.records ?? []
  const columns = names.map((name, i) => ({ name, values: rows.flatMap((row) => row[i] || []) }))
  const signs = columns.flatMap(({ values }) => numberForm(values) ?? [])
  const decimal = signs.find((form) => form.decimal !== undefined)?.decimal
  const thousands = signs.find(
    (form) => form.thousands !== undefined && form.thousands !== decimal,
  )?.thousands
  const formats = columns.flatMap(({ name, values }) =>
    dateFormats(values)
      .slice(0, 1)
      .map((pattern): [string, string] => [name, pattern]),
  )
  return {
    ...(encoding !== 'utf-8' && { encoding }),
    ...(best && best.delimiter !== ',' && { delimiter: best.delimiter }),
    ...(decimal !== undefined && { decimal }),
    ...(thousands !== undefined && { thousands }),
    ...(formats.length > 0 && { formats: Object.fromEntries(formats) }),
  }
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
