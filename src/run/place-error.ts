import { RunError } from '../errors.ts'
import type { Hint, NameOption } from '../errors.ts'

/** A place that cannot be written to, or that another process works in. */
export class PlaceError extends RunError {
  /** Advice that makes the same place usable. */
  readonly remedy: string | undefined
  /** Advice to choose another place; whoever was given the place knows by which option. */
  elsewhere: Hint | undefined

  constructor(message: string, { remedy, cause }: { remedy?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause })
    this.remedy = remedy
  }

  override hintWith(nameOf: NameOption): string | undefined {
    const { remedy, elsewhere } = this
    const hints = [remedy, typeof elsewhere === 'function' ? elsewhere(nameOf) : elsewhere]
    return hints.filter((hint) => hint !== undefined).join(', or ') || undefined
  }
}

/** Runs an action; where a place cannot be used, the error tells how to choose another one. */
export async function orElsewhere<T>(elsewhere: Hint | undefined, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof PlaceError) error.elsewhere = elsewhere ?? error.elsewhere
    throw error
  }
}

/** Advice to choose another place with an option. */
export function byOption(option: string): Hint {
  return (nameOf) => `choose another path with ${nameOf(option)}`
}
