/** Tells whether a name matches a pattern: `*` stands for any characters, `?` for one. */
export function matchesGlob(pattern: string, name: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name)
}

/** Tells whether a layer, or a model that it is inside, matches one of several patterns. */
export function matchesLayer(patterns: readonly string[], name: string): boolean {
  const parts = name.split('/')
  const names = parts.map((_, i) => parts.slice(0, i + 1).join('/'))
  return patterns.some((pattern) => names.some((one) => matchesGlob(pattern, one)))
}
