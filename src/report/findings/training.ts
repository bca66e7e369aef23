import { curveFindings } from '../../components/callbacks/diagnosis/curves.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'
import type { ReportedRun } from '../report.ts'

/** Findings of the layers, where training looked for them, and of the curves. */
export function trainingFindings({ epochs, history, overview, findings }: ReportedRun): Finding[] {
  const { done, wanted } = overview.epochs
  const hasVerdict = findings.some(({ kind }) => kind === 'overfitting' || kind === 'underfitting')
  const isWhole = wanted !== undefined && done >= wanted
  return [...findings, ...(hasVerdict ? [] : curveFindings({ epochs, history, isWhole }))]
}
