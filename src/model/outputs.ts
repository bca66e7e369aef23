import { errorAt, errorAtKey } from '../diagnostic.ts'
import type { Problem } from '../diagnostic.ts'
import type { ModelDraft } from '../spec/check/draft.ts'
import { whichOf } from './links.ts'
import type { ReportProblem } from './links.ts'
import type { PlacedLayer } from './place-layers.ts'

/** The outputs by name: those that the config lists, else the last layer; undefined where that is not known. */
export function chooseOutputs(
  { inputs = [], outputs: listed, knowsOutputs }: ModelDraft,
  layers: readonly PlacedLayer[],
  open: boolean,
  report: ReportProblem,
): string[] | undefined {
  const last = layers.at(-1)
  if (!knowsOutputs || last === undefined) return undefined
  if (listed === undefined) return [last.name]
  if (open) return undefined
  const names = [...inputs, ...layers].map(({ name }) => name)
  const known = new Set(names)
  const chosen = new Set<string>()
  for (const [position, name] of [listed].flat().entries()) {
    const path = typeof listed === 'string' ? ['model', 'outputs'] : ['model', 'outputs', position]
    if (!known.has(name)) {
      const message = `no layer is named "${name}"`
      report({ code: 'unknown-output', path, message, hint: whichOf(name, names) })
    } else if (chosen.has(name)) {
      report({ code: 'duplicate-name', path, message: `the output "${name}" is listed twice` })
    }
    chosen.add(name)
  }
  return [...chosen].every((name) => known.has(name)) ? [...chosen] : undefined
}

/** Inputs and layers that no output depends on. */
export function unusedProblems(
  { inputs, written }: ModelDraft,
  layers: readonly PlacedLayer[],
  outputs: readonly string[],
): Problem[] {
  const used = new Set([...outputs, ...layers.flatMap((layer) => layer.inputs)])
  return [
    ...(inputs ?? [])
      .filter(({ name }) => !used.has(name))
      .map(({ name }) => {
        const inModel = ['model', ...(written.includes('inputs') ? ['inputs', name] : ['input'])]
        const path = written.length > 0 ? inModel : ['data', 'inputs', name]
        const hint = `use it in a layer with \`from: ${name}\``
        return errorAtKey('unused-input', path, `no layer uses the input "${name}"`, hint)
      }),
    ...layers
      .filter(({ name, shares }) => !used.has(name) && !used.has(shares ?? name))
      .map(({ path, name }): Problem => {
        const hint = 'name it in a `from` or in `outputs`, or remove it'
        return {
          ...errorAt('unused-layer', path, `nothing uses the output of "${name}"`, hint),
          severity: 'warning',
        }
      }),
  ]
}
