import type { Column } from '../../table/table.ts'

/** The share of different values from which those of a column with such a name are ids: rows may be there twice. */
const DIFFERENT_IDS = 0.9
/** Things that tables number, in names without a mark between the words: `fluid` and `paid` are no ids. */
const NUMBERED =
  'row|record|obs|user|customer|cust|client|member|employee|emp|person|subject|patient|student|passenger|account|acct|order|invoice|' +
  'ticket|transaction|trans|txn|payment|loan|policy|claim|product|item|article|listing|review|session|event|case|sample|station|' +
  'sensor|device|store|shop|vehicle|house|property|image|img|file|doc|document|object|obj'
const ID_NAMES = [
  /(^|[^a-z])(id|uuid|guid|key|hash|no|nr|num|number|phone|mobile|barcode|ean|isbn|imei|iban|ssn)\W*$/i,
  /[a-z](Id|ID|No|Nr)$/,
  /([#№]|(^|[^a-z])n[°º])\W*$/i,
  new RegExp(`(^|[^a-z])(${NUMBERED})(id|no|nr|num)$`, 'i'),
]

/** True where nearly all values differ, as ids do. */
export function nearlyAllDiffer(different: number, known: number): boolean {
  return known > 1 && different >= DIFFERENT_IDS * known
}

/** True for a column that names its rows, by its own name and its different values, none of which has a fraction. */
export function namesRows(column: Column, different: number, known: number): boolean {
  const { name, kind, values } = column
  return (
    nearlyAllDiffer(different, known) &&
    ID_NAMES.some((pattern) => pattern.test(name)) &&
    (kind !== 'number' || values.every((value) => Number.isInteger(value) || Number.isNaN(value)))
  )
}
