/** The name that a file has for a layer, as a config may have it. */
export function validName(key: string): string {
  const name = key.replaceAll(/[^A-Za-z0-9_.-]/g, '_')
  return /^[A-Za-z]/.test(name) ? name : `layer${name}`
}

/** A name that nothing has: the wanted one, or that with a number. */
export function uniqueName(name: string, taken: Set<string>): string {
  let chosen = name
  for (let i = 1; taken.has(chosen); i++) chosen = `${name}_${i}`
  taken.add(chosen)
  return chosen
}
