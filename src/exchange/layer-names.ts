/** The name that a file has for a layer, as a config may have it. */
export function validName(key: string): string {
  const name = key.replaceAll(/[^A-Za-z0-9_.-]/g, '_')
  return /^[A-Za-z]/.test(name) ? name : `layer${name}`
}

/** The name that a file has for a model, as a config may have it: it names a folder. */
export function validModelName(key: string): string {
  const name = key.replaceAll(/[^A-Za-z0-9_.-]/g, '_')
  return /^[A-Za-z0-9]/.test(name) ? name : `model${name}`
}

/** Names that differ from each other. */
export class UniqueNames {
  readonly #taken = new Set<string>()
  /** The number that is tried next for a name. */
  readonly #next = new Map<string, number>()

  /** A name that nothing has: the wanted one, or that with a number. */
  give(wanted: string): string {
    let name = wanted
    let next = this.#next.get(wanted) ?? 1
    while (this.#taken.has(name)) name = `${wanted}_${next++}`
    this.#next.set(wanted, next)
    this.#taken.add(name)
    return name
  }
}
