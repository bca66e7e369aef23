import { UNKNOWN } from './unknown-size.ts'

/** An input shape that a layer cannot take, or options that leave nothing of it; `path` leads to the key at fault. */
export class ShapeError extends Error {
  readonly path: readonly string[]
  readonly hint: string | undefined

  constructor(message: string, details: { option?: string | readonly string[]; hint?: string } = {}) {
    // A size that is not known yet.
    super(message.replaceAll(String(UNKNOWN), '?'))
    this.name = 'ShapeError'
    this.path = [details.option ?? []].flat()
    this.hint = details.hint
  }
}
