import { command } from '../command.ts'
import { lines } from '../../report/text/terminal-text.ts'
import { diagnosticsStyle, environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { configArgument, setOption } from '../options.ts'

export const validate = command({
  name: 'validate',
  usage: '[config]',
  summary: 'Report every problem in a config',
  options: {
    config: configArgument,
    ...setOption,
    format: {
      type: 'string',
      choices: ['text', 'json', 'github'],
      default: 'text',
      describe: 'Format of the diagnostics',
    },
    json: { type: 'boolean', describe: 'Short for --format json' },
  },
  examples: [['nnlab validate configs/*.yaml --format github', 'annotations for GitHub Actions']],
  async run({ config, set, format, json }, io) {
    const [{ validate: check }, report] = await Promise.all([
      import('../../core/validate.ts'),
      import('../../report/text/diagnostics.ts'),
    ])
    const { ok, diagnostics, sources } = await check({ ...environmentFor(io), config, set })
    if (json || format === 'json') io.stdout.writeJson(report.diagnosticsJson(diagnostics))
    else if (format === 'github') io.stdout.write(report.diagnosticsGithub(diagnostics, io.cwd))
    else {
      if (diagnostics.length > 0)
        io.stderr.write(report.renderDiagnostics(diagnostics, sources, diagnosticsStyle(io)))
      if (ok) io.stdout.write(lines([`${config} is valid`]))
    }
    return ok ? ExitCode.done : ExitCode.config
  },
})
