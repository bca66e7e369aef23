import { command } from '../command.ts'

export const schema = command({
  name: 'schema',
  usage: '',
  summary: 'Print the JSON Schema of a config, for editors',
  options: {},
  examples: [],
  run: async (_options, io) => (await import('./bodies/schema.ts')).schema(io),
})
