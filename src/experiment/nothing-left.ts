import { callbacks } from '../components/callbacks/index.ts'
import type { Spec } from '../spec/schema/spec.ts'
import { counted } from '../wording.ts'

/** Reason why a run that was resumed did not go on, with what would make it go on. */
export function nothingLeft(name: string, stopped: string, { fit }: Spec): string {
  const fork = `or start a new run from it with \`nnlab train --fork ${name}\``
  if (stopped === 'completed') {
    const epochs = counted(fit.epochs, 'epoch')
    return `${name} has already trained all of its ${epochs}: set more, as in \`nnlab train --resume ${name} --set fit.epochs=${fit.epochs + 10}\`, ${fork}`
  }
  const index = fit.callbacks.findIndex(({ type }) => stopped.startsWith(`${type}: `))
  const callback = fit.callbacks[index]
  const key = callback && callbacks.of(callback).endsBy
  if (key === undefined) return `${name} has already ended: ${stopped}; ${fork.slice(3)}`
  const larger = 2 * Number(callback?.[key]) + 10
  return `${name} has already ended: ${stopped}; a larger ${key} makes it continue, as in \`nnlab train --resume ${name} --set 'fit.callbacks[${index}].${key}=${larger}'\`, ${fork}`
}
