import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { Interrupt } from '../interrupt.ts'
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
    jobs: {
      type: 'number',
      alias: 'j',
      default: 0,
      defaultDescription: 'the number of cores',
      describe: 'Number of folds that are trained at once; the results do not depend on it',
    },
    resume: {
      type: 'string',
      valueOptional: true,
      completes: 'folder',
      describe: 'Resume an interrupted cross-validation; default: the latest of the config',
    },
    ...jsonOption,
    ...quietOption,
  },
  examples: [
    ['nnlab cv digits.yaml --folds 10', ''],
    ['nnlab cv --resume runs/digits/cv-001', 'train the folds that are not complete'],
  ],
  async run({ json, quiet, jobs, resume, ...options }, io) {
    const [{ crossValidate }, { trainingProgress }, report] = await Promise.all([
      import('../../core/cross-validate.ts'),
      import('../training-progress.ts'),
      import('../../report/text/cross-validation.ts'),
    ])
    const { say, listeners, onBegin } = trainingProgress(io, quiet)
    const interrupt = new Interrupt(io)
    let folder = ''
    try {
      const result = await crossValidate({
        ...environmentFor(io, { quiet, say }),
        ...options,
        signal: interrupt.signal,
        // Bars show one training.
        listeners: jobs === 1 ? listeners : [],
        ...(jobs !== 0 && { jobs }),
        resume: resume === '' ? true : resume,
        onFolds(event) {
          interrupt.watch()
          if (event.kind === 'folder') folder = event.folder
          else if (!quiet && (event.kind === 'begin' || jobs !== 1)) say(report.renderFold(event))
        },
        onBegin,
      })
      if (result === undefined) {
        io.stderr.write(report.renderInterrupted(folder, io.cwd))
        return interrupt.exitCode
      }
      if (json) io.stdout.writeJson(report.crossValidationJson(result, io.cwd))
      else io.stdout.write(report.renderCrossValidation(result, io.cwd, io.stdout.width))
      return ExitCode.done
    } finally {
      interrupt.end()
    }
  },
})
