import { UsageError } from '../../errors.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { wantsColor, widthOf } from '../io.ts'
import type { Io } from '../io.ts'
import { jsonOption } from '../options.ts'

export const explain = command({
  name: 'explain',
  usage: '[key..]',
  summary: 'Explain a key of the config or a component',
  options: {
    key: {
      type: 'strings',
      completes: 'component',
      defaultDescription: 'the sections',
      describe: 'Path of a key, or name of a component',
    },
    ir: {
      type: 'string',
      completes: 'file',
      describe: 'Print the tensor operations of a training step of this config instead',
    },
    ...jsonOption,
  },
  examples: [
    ['nnlab explain fit.batch_size', 'a key'],
    ['nnlab explain lstm', 'a component'],
  ],
  async run({ key: words, ir, json }, io) {
    if (ir !== undefined) {
      io.stdout.write(await stepOf(ir, io))
      return ExitCode.done
    }
    const [{ explain: explainKey }, { renderExplanation }] = await Promise.all([
      import('../../spec/explain.ts'),
      import('../../report/text/explanation.ts'),
    ])
    const key = words.join(' ')
    const { found, hint } = explainKey(key)
    if (found.length === 0) {
      throw new UsageError(`unknown key or component "${key}"`, hint === undefined ? {} : { hint })
    }
    const style = { color: wantsColor(io.stdout, io.env), width: widthOf(io.stdout) }
    io.stdout.write(
      json ? `${JSON.stringify(found)}\n` : found.map((one) => renderExplanation(one, style)).join('\n'),
    )
    return ExitCode.done
  },
})

/** The tensor operations of one training step of a config, as the compiled engine runs them. */
async function stepOf(config: string, io: Io): Promise<string> {
  const { trainStep } = await import('../../core/train-step.ts')
  return trainStep({ ...environmentFor(io), config })
}
