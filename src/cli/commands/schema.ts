import { ExitCode } from '../../errors.ts'
import { command } from '../command.ts'

export const schema = command({
  name: 'schema',
  usage: '',
  summary: 'Print the JSON Schema of a config, for editors',
  options: {},
  examples: [],
  async run(_options, io) {
    const { schemaDocument } = await import('../../spec/schema/schema-document.ts')
    io.stdout.write(schemaDocument())
    return ExitCode.done
  },
})
