import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { Interrupt } from '../interrupt.ts'
import { lines } from '../../report/text/terminal-text.ts'
import { configArgument, engineOptions, jsonOption, quietOption, setOption } from '../options.ts'

export const cv = command({
  name: 'cv',
  usage: '[config]',
  summary: 'k-fold cross-validation: mean and spread of every metric',
  options: {
    config: configArgument,
    ...setOption,
    ...engineOptions,
    folds: {
      type: 'number',
      default: 5,
      describe: 'Number of folds; each is the validation split of one run',
    },
    ...jsonOption,
    ...quietOption,
  },
  examples: [['nnlab cv digits.yaml --folds 10', '']],
  async run({ json, quiet, ...options }, io) {
    const [{ crossValidate }, { trainingProgress }, { crossValidationJson, renderCrossValidation }] =
      await Promise.all([
        import('../../core/cross-validate.ts'),
        import('../training-progress.ts'),
        import('../../report/text/cross-validation.ts'),
      ])
    const { say, listeners, onBegin } = trainingProgress(io, quiet)
    const interrupt = new Interrupt(io)
    try {
      const result = await crossValidate({
        ...environmentFor(io, { quiet, say }),
        ...options,
        signal: interrupt.signal,
        listeners,
        onFold: (fold, folds) => void (quiet || say(lines([`fold ${fold} of ${folds}`]))),
        onBegin(begun) {
          interrupt.watch()
          onBegin(begun)
        },
      })
      if (result === undefined) return interrupt.exitCode
      if (json) io.stdout.writeJson(crossValidationJson(result, io.cwd))
      else io.stdout.write(renderCrossValidation(result, io.cwd, io.stdout.width))
      return ExitCode.done
    } finally {
      interrupt.end()
    }
  },
})
