/** The share of different values from which those of a column with such a name are ids: rows may be there twice. */
const DIFFERENT_IDS = 0.9
const ID_NAME = /(^|[^a-z])(id|uuid|guid|key|hash|no|nr|num|number)\W*$|[a-z](Id|ID|No|Nr)$/i

/** True for a column that names its rows, by its own name and its different values. */
export function namesRows(name: string, different: number, known: number): boolean {
  return known > 1 && different >= DIFFERENT_IDS * known && ID_NAME.test(name)
}
