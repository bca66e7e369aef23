import { DEFAULT_CONFIG } from '../../experiment/default-config.ts'
import { command } from '../command.ts'
import { diagnosticsStyle, environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { setOption } from '../options.ts'

export const validate = command({
  name: 'validate',
  usage: '[configs..]',
  summary: 'Report every problem in configs',
  options: {
    configs: {
      type: 'strings',
      completes: 'config',
      defaultDescription: DEFAULT_CONFIG,
      describe: 'Config files',
    },
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
  async run({ configs, set, format, json }, io) {
    const [{ validate: check }, report] = await Promise.all([
      import('../../core/validate.ts'),
      import('../../report/text/diagnostics.ts'),
    ])
    const files = configs.length === 0 ? [DEFAULT_CONFIG] : configs
    const checked = await Promise.all(
      files.map(async (file) => ({ file, ...(await check({ ...environmentFor(io), config: file, set })) })),
    )
    const asJson = json || format === 'json'
    if (asJson) io.stdout.writeJson(report.validationJson(checked))
    for (const { diagnostics, sources, ...one } of asJson ? [] : checked) {
      if (format === 'github') {
        io.stdout.write(report.diagnosticsGithub(diagnostics, io.cwd))
        continue
      }
      if (diagnostics.length > 0)
        io.stderr.write(report.renderDiagnostics(diagnostics, sources, diagnosticsStyle(io)))
      if (one.ok || files.length > 1) io.stdout.write(report.renderVerdict({ ...one, diagnostics }))
    }
    return checked.every(({ ok }) => ok) ? ExitCode.done : ExitCode.config
  },
})
