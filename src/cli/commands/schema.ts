import { command } from '../command.ts'
import { ExitCode } from '../exit-code.ts'

export const schema = command({
  name: 'schema',
  usage: '',
  summary: 'Print the JSON Schema of a config, for editors',
  options: {},
  examples: [],
  async run(_options, io) {
    const { schemaDocument } = await import('../../spec/schema/schema-document.ts')
    io.stdout.writeData(schemaDocument())
    return ExitCode.done
  },
})
