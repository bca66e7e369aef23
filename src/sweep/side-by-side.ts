/**
 * Runs tasks in their order, at most some at a time. The first that fails keeps others from beginning and aborts the
 * signal of those that have begun; when they have ended, its error is thrown.
 */
export async function sideBySide(
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
  atOnce: number,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController()
  const both = AbortSignal.any([signal, failure.signal])
  const errors: unknown[] = []
  const waiting = [...tasks]
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined && !both.aborted; task = waiting.shift()) {
      try {
        await task(both)
      } catch (error) {
        errors.push(error)
        failure.abort('interrupted')
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  if (errors.length > 0) throw errors[0]
}
