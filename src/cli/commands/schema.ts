import { ExitCode } from '../../errors.ts'
import { command } from '../command.ts'

export const schema = command({
  name: 'schema',
  usage: '',
  summary: 'Print the JSON Schema of a config, for editors',
  options: {},
  examples: [],
  async run(_options, io) {
    const { configJsonSchema } = await import('../../spec/schema/json-schema.ts')
    io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 1)}\n`)
    return ExitCode.done
  },
})
