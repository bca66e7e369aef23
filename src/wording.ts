/** `1 row`, `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A string in quotes, cut when it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)
}

/** `a, b, c and 61 more`. */
export function list(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map((name) => (name.length > 40 ? `${name.slice(0, 37)}...` : name))
  return names.length > most ? `${shown.join(', ')} and ${names.length - most} more` : shown.join(', ')
}

/** A number with four significant digits, in a steady width: 0.0712, 12.35, 1.20e-5. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  // As it is shown: 0.99999 has the digits of 1.
  const size = Number(Math.abs(value).toPrecision(4))
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2)
  return value.toFixed(size < 1 ? 4 : Math.max(0, 3 - Math.floor(Math.log10(size))))
}
