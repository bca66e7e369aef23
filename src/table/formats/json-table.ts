import { isMap } from '../../registry.ts'

/**
 * The rows of a table that is a single JSON value: a list of objects, GeoJSON, or what pandas writes by its `orient`;
 * undefined for other values.
 */
export function rowsOf(value: unknown): readonly unknown[] | undefined {
  if (isList(value)) return value
  if (!isMap(value)) return undefined
  const { features, columns, data } = value
  if (value['type'] === 'FeatureCollection' && isList(features)) return features.map(rowOfFeature)
  if (isStrings(columns) && isList(data)) return data.map((cells) => rowOfCells(columns, cells))
  const parts = Object.values(value)
  if (parts.length > 0 && parts.every(isMap)) {
    const [first = {}] = parts
    if (Object.keys(first).every((key, i) => key === String(i)))
      return rowsOfColumns(value, Object.keys(first))
    // A single one may be a row with a nested object, which is refused by its name.
    return parts.length > 1 ? parts : undefined
  }
  const lists = parts.filter((part) => isList(part) && part.length > 1)
  const isColumns = lists.length === parts.length && !lists.some((list) => isList(list) && list.every(isMap))
  if (isColumns && new Set(lists.map(lengthOf)).size === 1)
    return rowsOfColumns(value, [...Array(lengthOf(lists[0])).keys()].map(String))
  const [tables, ...others] = lists.filter((list) => isList(list) && list.every(isMap))
  return others.length === 0 && isList(tables) ? tables : undefined
}

/** True for an object that may be a row: its values are scalars and lists of numbers, which may be nested. */
export function isRow(value: unknown): boolean {
  const mayBeCell = (part: unknown): boolean =>
    isList(part) ? part.every((item) => typeof item === 'number' || isList(item)) : !isMap(part)
  return isMap(value) && Object.values(value).every(mayBeCell)
}

/** The properties of a feature of GeoJSON; a point also has its place. */
function rowOfFeature(feature: unknown): unknown {
  const { properties, geometry } = isMap(feature) ? feature : {}
  const { type, coordinates } = isMap(geometry) ? geometry : {}
  const [longitude, latitude] = type === 'Point' && isList(coordinates) ? coordinates.map(Number) : []
  return { ...(longitude !== undefined && { longitude, latitude }), ...(isMap(properties) && properties) }
}

function rowOfCells(columns: readonly string[], cells: unknown): unknown {
  return isList(cells)
    ? Object.fromEntries(columns.map((name, i): [string, unknown] => [name, cells[i]]))
    : cells
}

function rowsOfColumns(columns: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown[] {
  return keys.map((key) =>
    Object.fromEntries(Object.entries(columns).map(([name, cells]) => [name, cellAt(cells, key)])),
  )
}

function cellAt(cells: unknown, key: string): unknown {
  if (isList(cells)) return cells[Number(key)]
  return isMap(cells) ? cells[key] : undefined
}

function lengthOf(list: unknown): number {
  return isList(list) ? list.length : 0
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function isStrings(value: unknown): value is readonly string[] {
  return isList(value) && value.every((one) => typeof one === 'string')
}
