import { DEFAULT_CONFIG } from '../../experiment/default-config.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { Interrupt } from '../interrupt.ts'
import { jsonOption, quietOption, setOption } from '../options.ts'

export const sweep = command({
  name: 'sweep',
  usage: '[config] [parameters..]',
  summary: 'Search the parameters of a config: grid, random, Sobol or TPE, with pruning',
  options: {
    config: {
      type: 'string',
      default: DEFAULT_CONFIG,
      completes: 'config',
      describe: 'Config file, whose section `sweep` names the parameters',
    },
    parameters: {
      type: 'strings',
      completes: 'key',
      describe: 'Values of parameters, as in compile.optimizer.learning_rate=1e-3,1e-2',
    },
    ...setOption,
    seeds: {
      type: 'number',
      default: 0,
      defaultDescription: 'sweep.seeds of the config',
      describe: 'Runs of each trial with different seeds, whose mean counts',
    },
    jobs: {
      type: 'number',
      alias: 'j',
      default: 0,
      defaultDescription: 'the number of cores',
      describe: 'Number of trials that are trained at once; the results do not depend on it',
    },
    resume: {
      type: 'string',
      valueOptional: true,
      completes: 'folder',
      describe: 'Resume an interrupted sweep; default: the latest of the config',
    },
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
  ],
  async run({ json, quiet, seeds, jobs, resume, set, ...named }, io) {
    const [{ sweep: search }, report] = await Promise.all([
      import('../../core/sweep.ts'),
      import('../../report/text/sweep.ts'),
    ])
    const interrupt = new Interrupt(io)
    const progress = report.sweepProgress((text) => void (quiet || io.stderr.write(text)), io.cwd)
    try {
      const outcome = await search({
        ...environmentFor(io, { quiet }),
        ...searchOf(named),
        set,
        signal: interrupt.signal,
        ...(seeds !== 0 && { seeds }),
        ...(jobs !== 0 && { jobs }),
        resume: resume === '' ? true : resume,
        onSweep(open) {
          interrupt.watch()
          progress.begin(open)
        },
        onTurn: progress.turn,
      })
      if (outcome === undefined) {
        io.stderr.write(report.renderSweepInterrupted(progress.folder, io.cwd))
        return interrupt.exitCode
      }
      if (json) io.stdout.writeJson(report.sweepJson(outcome, io.cwd))
      else io.stdout.write(report.renderSweep(outcome, io.cwd, io.stdout.width))
      return outcome.trials.some(({ state }) => state === 'failed') ? ExitCode.missed : ExitCode.done
    } finally {
      interrupt.end()
    }
  },
})

/** The config may be left out before parameters. */
function searchOf({ config, parameters }: { config: string; parameters: readonly string[] }) {
  return config.includes('=')
    ? { config: DEFAULT_CONFIG, parameters: [config, ...parameters] }
    : { config, parameters }
}
