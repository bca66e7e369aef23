import { UsageError } from '../../errors.ts'
import { DEFAULT_CONFIG } from '../../experiment/default-config.ts'
import { command } from '../command.ts'
import { lines } from '../../report/text/terminal-text.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'

export const init = command({
  name: 'init',
  usage: '[file]',
  summary: 'Write a starter config',
  options: {
    file: { type: 'string', default: DEFAULT_CONFIG, completes: 'file', describe: 'Config file to write' },
    data: {
      type: 'string',
      completes: 'file',
      describe: 'Fit the config to these rows: a file, a pattern, or a folder of images',
    },
    target: {
      type: 'string',
      describe: 'Column to predict; default: target, label, class or y, else the last one',
    },
    delimiter: {
      type: 'string',
      describe: 'Character between the fields of a CSV file; default: found in it',
    },
    example: { type: 'string', describe: 'Write this example with its data, such as iris or digits' },
    force: { type: 'boolean', describe: 'Replace an existing file' },
  },
  examples: [
    ['nnlab init', 'a config that learns XOR'],
    ['nnlab init --data rows.csv --target price', 'a config for the columns of a table'],
    ['nnlab init --example iris', 'a runnable example with its data'],
  ],
  async run(options, io) {
    if (options.file === '-') {
      throw new UsageError('a config is written to a file, not to standard output', {
        hint: 'name it, as in `nnlab init config.yaml`',
      })
    }
    const { createConfig } = await import('../../core/create-config.ts')
    await createConfig({ ...environmentFor(io), ...options })
    const { file } = options
    const train = `nnlab train${file === DEFAULT_CONFIG ? '' : ` ${file}`}`
    io.stdout.write(lines([`wrote ${file}; train it with: ${train}`]))
    return ExitCode.done
  },
})
