import { ExitCode } from '../../../errors.ts'
import { configJsonSchema } from '../../../spec/schema/json-schema.ts'
import type { Io } from '../../io.ts'

/** Prints the JSON Schema of a config. */
export function schema(io: Io): number {
  io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 1)}\n`)
  return ExitCode.done
}
