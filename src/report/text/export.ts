import { amount } from '../../byte-size.ts'
import type { ExportCheck } from '../../exchange/compare.ts'
import { counted, metricsText } from './format.ts'
import { runName } from '../../run/run-name.ts'
import { bold, lines, red, text } from './terminal-text.ts'
import type { Part, TerminalText } from './terminal-text.ts'

type Exported = { readonly path: string; readonly bytes: number; readonly check: ExportCheck }

/** The file of an exported model and how the predictions compare. */
export function renderExport({ path, bytes, check }: Exported, cwd: string): TerminalText {
  return lines([`wrote ${runName(path, cwd)} (${amount(bytes)})`, checkLine(check), ...metricLines(check)])
}

type Imported = {
  readonly config: string
  readonly model: string
  readonly layers: number
  readonly check: ExportCheck
}

/** The files of an imported model and how the predictions compare. */
export function renderImport({ config, model, layers, check }: Imported, cwd: string): TerminalText {
  const wrote = `wrote ${runName(config, cwd)} (${counted(layers, 'layer')}) and ${runName(model, cwd)}`
  return lines([wrote, checkLine(check)])
}

/** The metric values in float32 and in int8. */
function metricLines(check: ExportCheck): string[] {
  if (!('metrics' in check) || check.metrics === undefined) return []
  const { own, quantized } = check.metrics
  return [`float32  ${metricsText(own)}`, `int8     ${metricsText(quantized)}`]
}

function checkLine(check: ExportCheck): Part {
  if ('absent' in check) return `not compared: ${check.absent}`
  if ('failed' in check) return text`${bold(red('failed'))}: ${check.failed}`
  const { program, version, rows, difference, largest, labels, same } = check
  const where = `${program} ${version}${rows === undefined ? '' : ` on ${counted(rows, 'row')}`}`
  const [apart, most] = [difference, largest].map((value) => value.toPrecision(2))
  const begin = same ? 'compared with' : text`${bold(red('differs'))} from`
  const alike = labels
    ? `, ${labels.count - labels.different} of ${counted(labels.count, 'label')} alike`
    : ''
  return text`${begin} ${where}: largest difference ${apart ?? ''} of ${most ?? ''}${alike}`
}
