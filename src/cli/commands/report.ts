import { resolve } from 'node:path'

import { UsageError } from '../../errors.ts'
import { lines } from '../../report/text/terminal-text.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { engineOptions, quietOption } from '../options.ts'
import { openFile } from '../open-file.ts'
import { formatOf, outputFile, writeWithNote } from '../output-file.ts'

const FORMATS = ['html', 'md', 'json', 'svg'] as const

export const report = command({
  name: 'report',
  usage: '<runs..>',
  summary: 'Write one page on what a run learned and where it fails',
  options: {
    runs: {
      type: 'strings',
      completes: 'run',
      describe:
        'Run folder, model.json, or a config, whose last plain run is used; several are compared. Or the folder of a sweep, a cross-validation or seeds',
    },
    output: {
      type: 'string',
      alias: 'o',
      completes: 'file',
      defaultDescription: 'report.html',
      describe: 'File to write, whole or not at all; - is standard output',
    },
    format: {
      type: 'string',
      choices: FORMATS,
      describe:
        'A page, Markdown, one JSON document, or the learning curves as a picture; default: by the ending of --output, else html',
    },
    open: { type: 'boolean', describe: 'Open the file with the default program of the platform' },
    ...engineOptions,
    ...quietOption,
  },
  examples: [
    ['nnlab report runs/digits/001', 'writes report.html, one file that needs nothing else'],
    [
      'nnlab report runs/digits/001 runs/digits/002 -o compared.html',
      'curves over each other, and what differs',
    ],
    ['nnlab report runs/digits/sweep-001', 'a sweep: its trials, and what each parameter did'],
    ['nnlab report digits.yaml --format md -o -', 'the last run of a config, for a pull request'],
  ],
  async run({ output, format, open, quiet, ...options }, io) {
    if (open && output === '-') throw new UsageError('--open needs a file: name one with --output')
    const shape = formatOf(FORMATS, format, outputFile(output))
    const [{ filesBehind, report: collect }, { renderReport }] = await Promise.all([
      import('../../core/report.ts'),
      import('../../report/render-report.ts'),
    ])
    const environment = environmentFor(io, { quiet })
    const found = await collect({ ...environment, ...options })
    const file = output ?? `report.${shape}`
    const code = await writeWithNote(renderReport(found, io.cwd, shape), outputFile(file), io, {
      files: [...options.runs, ...filesBehind(found)],
      models: environment.models,
      quiet,
    })
    if (code !== ExitCode.done) return code
    const path = resolve(io.cwd, file)
    if (open && !(await openFile(path, io.env)))
      io.stderr.write(lines([`no program here can open it: see ${path}`]))
    return ExitCode.done
  },
})
