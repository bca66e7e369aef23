import type { Analysis } from '../../experiment/analysis.ts'
import type { ReportedData } from '../report.ts'
import { shortNumber } from '../text/format.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'

/** A column that carries this many times what the next one does, and with this much accuracy or R², may give the target away. */
const [TIMES_THE_NEXT, SUSPECT_SCORE] = [5, 0.95]
/** Maximum remarks on the data. */
const MOST_REMARKS = 4

/** Columns that tell the target too well, and other remarks on the data. */
export function columnFindings(data: ReportedData | undefined, analysis: Analysis | undefined): Finding[] {
  const warnings = data?.warnings ?? []
  const leaks = warnings.filter(({ code }) => code === 'leak')
  const others = warnings.filter(({ code }) => code !== 'leak').slice(0, MOST_REMARKS)
  return [
    ...leaks.map(({ message, hint }): Finding => ({
      severity: 'serious',
      text: `A column gives the target away: ${message}.`,
      ...(hint !== undefined && { advice: sentence(hint) }),
    })),
    ...(leaks.length === 0 && analysis ? dominantColumn(analysis) : []),
    ...others.map(({ message, hint }): Finding => ({
      severity: 'note',
      text: sentence(message),
      ...(hint !== undefined && { advice: sentence(hint) }),
    })),
  ]
}

/** A column that alone makes a nearly perfect model. */
function dominantColumn({ importance, outputs }: Analysis): Finding[] {
  const [first, second] = importance?.columns ?? []
  const score = Math.max(
    ...outputs.map((output) =>
      output.kind === 'classes' ? (output.roc_auc ?? 0) : Math.min(...output.columns.map(({ r2 }) => r2)),
    ),
  )
  if (!importance || !first || !second || !(score >= SUSPECT_SCORE)) return []
  if (first.mean <= 0 || first.mean < TIMES_THE_NEXT * Math.max(0, second.mean)) return []
  return [
    {
      severity: 'serious',
      text: `The column ${first.column} may give the target away: the model is nearly perfect, and rests on it alone (shuffled, ${importance.metric} worsens by ${shortNumber(first.mean)}; the next column, ${second.column}: ${shortNumber(second.mean)}).`,
      advice: 'Is it known when the model is used? If not, exclude it with data.features.exclude.',
    },
  ]
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
