import { environmentFor } from './environment.ts'
import { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

/** Prints the files that a model depends on, for the option --deps of train. */
export async function printDependencies(
  options: { config: string | undefined; set: readonly string[]; runDir: string | undefined },
  io: Io,
): Promise<ExitCode> {
  const [{ dependencies }, { makeRule }] = await Promise.all([
    import('../core/dependencies.ts'),
    import('../report/text/make-rule.ts'),
  ])
  const { model, files } = await dependencies({ ...environmentFor(io), ...options })
  io.stdout.writeData(makeRule(model, files, io.cwd))
  return ExitCode.done
}
