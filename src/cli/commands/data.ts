import type { ColorDepth } from '../../report/text/image.ts'
import { command } from '../command.ts'
import { diagnosticsStyle, environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { configArgument, jsonOption, setOption } from '../options.ts'

export const data = command({
  name: 'data',
  usage: '[config]',
  summary: 'Show the rows as training will see them, and report likely problems',
  options: { config: configArgument, ...setOption, ...jsonOption },
  examples: [],
  async run({ json, ...options }, io) {
    const [{ inspectData }, { dataJson, renderData }, { renderDiagnostics }, { renderNote }] =
      await Promise.all([
        import('../../core/inspect-data.ts'),
        import('../../report/text/data.ts'),
        import('../../report/text/diagnostics.ts'),
        import('../../report/text/message.ts'),
      ])
    const inspection = await inspectData({ ...environmentFor(io), ...options })
    const { error, prepared, warnings, sources } = inspection
    if (json) io.stdout.writeJson(dataJson(inspection, warnings))
    else {
      io.stdout.write(renderData(inspection, colorDepth(io), io.stdout.width))
      for (const note of prepared?.notes ?? []) io.stderr.write(renderNote(note))
      if (warnings.length > 0) io.stderr.write(renderDiagnostics(warnings, sources, diagnosticsStyle(io)))
    }
    if (error) throw error
    return ExitCode.done
  },
})

/** Color depth of the terminal, by COLORTERM and TERM. */
function colorDepth({ stdout, env }: Io): ColorDepth {
  if (!stdout.draws) return 'none'
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '')) return '24-bit'
  return (env['TERM'] ?? '').includes('256color') ? '256' : 'none'
}
