import type { OutputTask } from './task.ts'

/** The names of the figures that training logs; `val_` ones where there is a validation split. */
export function figureNames(outputs: readonly OutputTask[], validation: boolean): string[] {
  const names = [
    'loss',
    ...(outputs.length > 1 ? outputs.map(({ name }) => `${name}_loss`) : []),
    ...outputs.flatMap((output) => output.metrics.map(({ label }) => label)),
  ]
  return validation ? [...names, ...names.map((name) => `val_${name}`)] : names
}
