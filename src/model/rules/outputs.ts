import { errorAtKey } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
import type { CompileDraft, PerOutput } from '../../spec/check/draft.ts'
import type { Outline } from '../graph.ts'
import { whichOf } from '../links.ts'

/** The maps from output to loss, weight and metrics name outputs of the model, and every output has a loss. */
export function outputMapProblems({ outputs }: Outline, compile: CompileDraft): Problem[] {
  if (outputs === undefined) return []
  const { loss, loss_weights, metrics, weighted_metrics } = compile
  const losses = namesIn(loss)
  const maps = [
    ['loss', losses],
    ['loss_weights', Object.keys(loss_weights ?? {})],
    ['metrics', namesIn(metrics)],
    ['weighted_metrics', namesIn(weighted_metrics)],
  ] as const
  const unknown = maps.flatMap(([key, names = []]) =>
    names
      .filter((name) => !outputs.includes(name))
      .map((name) => {
        const message = `the model has no output "${name}"`
        return errorAtKey('unknown-output', ['compile', key, name], message, whichOf(name, outputs))
      }),
  )
  const missing = losses ? outputs.filter((output) => !losses.includes(output)) : []
  // A misspelt output is one mistake, not a loss too many and one too few.
  return unknown.some(({ path }) => path[1] === 'loss')
    ? unknown
    : [...unknown, ...missing.map((output) => withoutLoss(output))]
}

function namesIn(setting: PerOutput<unknown> | undefined): string[] | undefined {
  return setting && 'each' in setting ? [...setting.each.keys()] : undefined
}

function withoutLoss(output: string): Problem {
  const hint = `add \`${output}: mean_squared_error\` or another loss`
  return errorAtKey('missing-loss', ['compile', 'loss'], `the output "${output}" has no loss`, hint)
}
