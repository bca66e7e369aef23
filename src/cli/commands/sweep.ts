import { DEFAULT_CONFIG } from '../../experiment/default-config.ts'
import { UsageError } from '../../errors.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { Interrupt } from '../interrupt.ts'
import { elsewhereOptions, jsonOption, quietOption, setOption } from '../options.ts'
import { trainedWhere } from '../trained-where.ts'

export const sweep = command({
  name: 'sweep',
  usage: '[config] [parameters..]',
  summary: 'Search the parameters of a config: grid, random, Sobol or TPE, with pruning',
  options: {
    config: {
      type: 'string',
      completes: 'config',
      describe: `Config file, whose section \`sweep\` names the parameters, default: ${DEFAULT_CONFIG}, or that of the sweep to resume; or \`worker\`, before a folder`,
    },
    parameters: {
      type: 'strings',
      completes: 'key',
      describe:
        'Values of parameters, as in compile.optimizer.learning_rate=1e-3,1e-2, or a range, as in "model.layers[0].units={min: 8, max: 64}"; after `worker`, the folder of a sweep to work on',
    },
    ...setOption,
    seeds: {
      type: 'number',
      defaultDescription: 'sweep.seeds of the config',
      describe: 'Runs of each trial, with different seeds; their mean is compared',
    },
    jobs: {
      type: 'number',
      alias: 'j',
      default: 0,
      defaultDescription: 'two for each core, 1 for a worker, 16 on Slurm',
      describe: 'Number of trials that are trained at once; the results do not depend on it',
    },
    resume: {
      type: 'string',
      valueOptional: true,
      completes: 'folder',
      describe: 'Resume an interrupted sweep; default: the latest of the config',
    },
    ...elsewhereOptions,
    ...jsonOption,
    ...quietOption,
  },
  examples: [
    ['nnlab sweep digits.yaml', 'the section `sweep` of the config'],
    [
      'nnlab sweep digits.yaml compile.optimizer.learning_rate=1e-3,1e-2 --seeds 3',
      'mean and deviation over 3 seeds',
    ],
    ['nnlab sweep --resume runs/digits/sweep-001', 'train what is not complete'],
    ['nnlab sweep worker runs/digits/sweep-001', 'help to train it, on any machine that sees the folder'],
    ['nnlab sweep digits.yaml --on slurm --slurm partition=debug,time=60', ''],
  ],
  async run({ json, quiet, seeds, jobs, resume, set, on, slurm, ...named }, io) {
    const isWorker = named.config === WORKER
    const [{ sweep: search }, report] = await Promise.all([
      import('../../core/sweep.ts'),
      import('../../report/text/sweep.ts'),
    ])
    const interrupt = new Interrupt(io)
    const progress = report.sweepProgress((text) => void (quiet || io.stderr.write(text)), io.cwd)
    try {
      const outcome = await search({
        ...environmentFor(io, { quiet }),
        ...searchOf(named, resume),
        set,
        signal: interrupt.signal,
        seeds,
        ...trainedWhere({ on, slurm, jobs: jobs === 0 && isWorker ? 1 : jobs }),
        onSweep(open, results) {
          interrupt.watch()
          progress.begin(open, results)
        },
        onTurn: progress.turn,
      })
      if (outcome === undefined) {
        io.stderr.write(report.renderSweepInterrupted(progress.folder, io.cwd))
        return interrupt.exitCode
      }
      if (isWorker) return ExitCode.done
      if (json) io.stdout.writeJson(report.sweepJson(outcome, io.cwd))
      else io.stdout.write(report.renderSweep(outcome, io.cwd, io.stdout.width))
      return outcome.trials.some(({ state }) => state === 'failed') ? ExitCode.missed : ExitCode.done
    } finally {
      interrupt.end()
    }
  },
})

/** Stands in place of a config before the folder of a sweep that somebody else has begun. */
const WORKER = 'worker'

/** The config may be left out before parameters. */
function searchOf(
  { config, parameters }: { config: string | undefined; parameters: readonly string[] },
  resumed: string | undefined,
) {
  const resume = resumed === '' ? (true as const) : resumed
  if (config === WORKER) {
    const [folder, ...others] = parameters
    if (folder === undefined || others.length > 0)
      throw new UsageError('nnlab sweep worker takes the folder of one sweep')
    return { resume: folder }
  }
  return config?.includes('=')
    ? {
        config: resume === undefined ? DEFAULT_CONFIG : undefined,
        parameters: [config, ...parameters],
        resume,
      }
    : { config, parameters, resume }
}
