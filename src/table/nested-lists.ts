/** A number, a string, or lists of them. */
export type NestedValue = number | string | NestedValue[]

/** The shape of nested lists, read along their first elements. */
export function nestedShape(value: NestedValue | undefined): number[] {
  return Array.isArray(value) ? [value.length, ...nestedShape(value[0])] : []
}
