import { isMap } from '../registry.ts'

/**
 * A config whose model has layers of another before its own, written out, with the parameters of its sweep by the indices
 * that its own layers have there.
 */
export function withLaterLayers(
  config: Readonly<Record<string, unknown>>,
  taken: number,
): Readonly<Record<string, unknown>> {
  const { sweep } = config
  if (taken === 0 || !isMap(sweep)) return config
  const { parameters, paired } = sweep
  return {
    ...config,
    sweep: {
      ...sweep,
      ...(isMap(parameters) && { parameters: renamed(parameters, taken) }),
      ...(Array.isArray(paired) && {
        paired: paired.map((one: unknown) => (isMap(one) ? renamed(one, taken) : one)),
      }),
    },
  }
}

function renamed(map: Readonly<Record<string, unknown>>, taken: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([path, value]) => [later(path, taken), value]))
}

function later(path: string, taken: number): string {
  return path.replace(
    /^(model\.layers)(?:\[(\d+)\]|\.(\d+))/,
    (_, list: string, index?: string, plain?: string) => `${list}[${Number(index ?? plain) + taken}]`,
  )
}
