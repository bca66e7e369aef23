import { command } from '../command.ts'
import { jsonOption } from '../options.ts'

export const doctor = command({
  name: 'doctor',
  usage: '',
  summary: 'Show the capabilities of this machine and the engine that training would use',
  options: { ...jsonOption },
  examples: [],
  run: async (options, io) => (await import('./bodies/doctor.ts')).doctor(options, io),
})
