// Rows written in a config: their shapes, and the rules that nested lists keep.

/** A number, a text, or lists of them: one row of an inline array. */
export type Value = number | string | Value[]

export type Issue = { path: (string | number)[]; message: string }

type Rows = Value[] | Record<string, Value[]>

/** Inline arrays by name: a bare list goes by the name of its key. */
export function namedRows(
  key: 'inputs' | 'targets',
  rows: Rows,
): { name: string; path: string[]; rows: Value[] }[] {
  if (Array.isArray(rows)) return [{ name: key, path: [key], rows }]
  return Object.entries(rows).map(([name, named]) => ({ name, path: [key, name], rows: named }))
}

/** The shape of nested lists, read along their first elements. */
export function shapeOf(value: Value | undefined): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []
}

export function inlineProblems(inputs: Rows, targets: Rows): Issue[] {
  const arrays = [...namedRows('inputs', inputs), ...namedRows('targets', targets)]
  const [first] = arrays
  const seen = new Set<string>()
  return arrays.flatMap(({ name, path, rows }): Issue[] => {
    const problems: Issue[] = []
    if (seen.has(name)) problems.push({ path, message: `the name ${name} is taken already` })
    seen.add(name)
    if (first && rows.length !== first.rows.length) {
      const message = `${rows.length} rows here, but ${first.rows.length} in ${first.path.join('.')}`
      problems.push({ path, message })
    }
    const odd = oddRow(rows, path[0] === 'targets')
    if (odd) problems.push({ path: [...path, odd.row], message: odd.message })
    return problems
  })
}

/** The first row that does not have the first row's shape and kind. */
function oddRow(rows: readonly Value[], mayBeText: boolean): { row: number; message: string } | undefined {
  const shape = shapeOf(rows[0])
  const kind = typeof firstLeaf(rows[0])
  if (shape.includes(0)) return { row: 0, message: 'an empty list' }
  for (const [row, value] of rows.entries()) {
    if (!hasShape(value, shape)) {
      const wanted = shape.length === 0 ? 'a single value' : `a list of shape [${shape.join(', ')}]`
      const message = row === 0 ? 'its lists differ in length' : `the first row is ${wanted}, this one is not`
      return { row, message }
    }
    if (!everyLeaf(value, (leaf) => typeof leaf === kind))
      return { row, message: 'texts and numbers are mixed' }
  }
  if (kind === 'string' && !(mayBeText && shape.length === 0)) {
    return { row: 0, message: 'numbers are wanted here; only a target may be a text, one for each row' }
  }
  return undefined
}

function hasShape(value: Value, [length, ...rest]: readonly number[]): boolean {
  if (length === undefined) return !Array.isArray(value)
  return Array.isArray(value) && value.length === length && value.every((item) => hasShape(item, rest))
}

function firstLeaf(value: Value | undefined): Value | undefined {
  return Array.isArray(value) ? firstLeaf(value[0]) : value
}

function everyLeaf(value: Value, test: (leaf: number | string) => boolean): boolean {
  return Array.isArray(value) ? value.every((item) => everyLeaf(item, test)) : test(value)
}
