import { UsageError } from '../../errors.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
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
      completes: 'config',
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
      io.stdout.writeData(await stepOf(ir, io))
      return ExitCode.done
    }
    const [{ explain: explainKey }, { renderExplanations }] = await Promise.all([
      import('../../spec/explain.ts'),
      import('../../report/text/explanation.ts'),
    ])
    const key = words.join(' ')
    const { found, hint } = explainKey(key)
    if (found.length === 0) {
      throw new UsageError(`unknown key or component "${key}"`, hint === undefined ? {} : { hint })
    }
    if (json) io.stdout.writeJson(found)
    else io.stdout.write(renderExplanations(found, io.stdout.width))
    return ExitCode.done
  },
})

/** The tensor operations of one training step of a config, as the compiled engine runs them. */
async function stepOf(config: string, io: Io): Promise<string> {
  const { trainStep } = await import('../../core/train-step.ts')
  return trainStep({ ...environmentFor(io), config })
}
