/** A number that Python is to read as a float: JavaScript writes 1.0 as 1, which some of Keras refuses. */
export class Float {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** Plain data as Python's json module reads it. */
export type PythonValue =
  string | number | boolean | null | Float | readonly PythonValue[] | { readonly [key: string]: PythonValue }
export type PythonDict = { readonly [key: string]: PythonValue }

export function pythonJson(value: PythonValue): string {
  if (value instanceof Float) return floatText(value.value)
  if (isList(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, inner]) => `${JSON.stringify(key)}: ${pythonJson(inner)}`,
    )
    return `{${entries.join(', ')}}`
  }
  return JSON.stringify(value)
}

function isList(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value)
}

function floatText(value: number): string {
  // As Python reads them: NaN, Infinity.
  if (!Number.isFinite(value)) return String(value)
  const text = JSON.stringify(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}
