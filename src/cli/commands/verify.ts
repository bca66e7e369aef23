import { RunError } from '../../errors.ts'
import { command } from '../command.ts'
import { lines } from '../../report/text/terminal-text.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { engineOptions, jsonOption, quietOption } from '../options.ts'

export const verify = command({
  name: 'verify',
  usage: '<run>',
  summary: 'Retrain a run and check that it reproduces bit for bit',
  options: {
    run: { type: 'string', completes: 'run', describe: 'Run folder' },
    ...engineOptions,
    ...jsonOption,
    ...quietOption,
  },
  examples: [['nnlab verify runs/digits/001', '']],
  async run({ json, quiet, ...options }, io) {
    const [{ verify: check }, { counted }, { runName }] = await Promise.all([
      import('../../core/verify.ts'),
      import('../../report/text/format.ts'),
      import('../../run/run-name.ts'),
    ])
    const found = await check({ ...environmentFor(io, { quiet }), ...options })
    const { difference, epochs, checkpoints, finalWeights, nnlab, node } = found
    const run = runName(found.run, io.cwd)
    if (json) {
      const result = { run, same: difference === undefined, epochs, checkpoints, final_weights: finalWeights }
      io.stdout.writeJson({ ...result, ...(difference && { parted: difference }) })
    }
    if (difference !== undefined) {
      throw new RunError(`${run} is not reproduced: the replay diverges at ${difference}`, {
        hint: `it was trained by nnlab ${nnlab} on Node ${node}; a file may also have been changed`,
      })
    }
    const parts = [counted(epochs, 'epoch'), counted(checkpoints, 'checkpoint')]
    if (finalWeights) parts.push('the final weights')
    if (!json) io.stdout.write(lines([`${run} reproduced bit for bit: ${parts.join(', ')}`]))
    return ExitCode.done
  },
})
