import { DataError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { list, quote } from '../../wording.ts'

/** Pairs each input (or output) of the model with what the config says about it. */
export function pairUp<Port extends { name: string }, Chosen extends { name?: string }>(
  what: 'input' | 'output',
  ports: readonly Port[],
  chosen: readonly Chosen[],
): { port: Port; selection: Chosen }[] {
  const key = what === 'input' ? 'data.inputs' : 'data.targets'
  const names = ports.map((port) => port.name)
  const [only] = chosen
  if (only && only.name === undefined) {
    const [port] = ports
    if (port && ports.length === 1) return [{ port, selection: only }]
    throw new DataError(
      `${key}: the model has ${ports.length} ${what}s (${list(names)}); say by name what belongs to each`,
    )
  }
  for (const { name = '' } of chosen) {
    if (names.includes(name)) continue
    const close = nearest(name, names)
    throw new DataError(
      `${key}: the model has no ${what} called ${quote(name)}; it has ${list(names)}`,
      close === undefined ? {} : { hint: `did you mean ${quote(close)}?` },
    )
  }
  return ports.map((port) => {
    const selection = chosen.find((candidate) => candidate.name === port.name)
    if (selection) return { port, selection }
    throw new DataError(`${key}: the model's ${what} ${quote(port.name)} is given nothing`)
  })
}
