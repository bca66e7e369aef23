import { isConstant } from '../../data/inspect/profile.ts'
import type { ColumnProfile } from '../../data/inspect/profile.ts'
import type { Analysis } from '../../experiment/analysis.ts'
import type { ReportedData } from '../report.ts'
import { list } from '../../wording.ts'
import { capitalized, shortNumber } from '../text/format.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'

/** A column that carries this many times what the next one does, in a model with this ROC AUC or R², may give the target away. */
const [TIMES_THE_NEXT, SUSPECT_AREA, SUSPECT_R2] = [5, 0.98, 0.95]
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
    ...constantColumns(data?.profiles ?? []),
    ...others.map(({ message, hint }): Finding => ({
      severity: 'note',
      text: sentence(message),
      ...(hint !== undefined && { advice: sentence(hint) }),
    })),
  ]
}

/** Features that have the same value in every row. */
function constantColumns(profiles: readonly ColumnProfile[]): Finding[] {
  const names = profiles
    .filter((profile) => profile.role === 'feature' && profile.missing === 0 && isConstant(profile))
    .map(({ name }) => name)
  if (names.length === 0) return []
  const [has, it] = names.length === 1 ? ['column', 'it'] : ['columns', 'them']
  return [
    {
      severity: 'note',
      text: `The ${has} ${list(names, MOST_REMARKS)} tell${names.length === 1 ? 's' : ''} the model nothing: the same value in every row.`,
      advice: `Leave ${it} out with data.features.exclude.`,
    },
  ]
}

/** A column that alone makes a nearly perfect model. */
function dominantColumn({ importance, outputs }: Analysis): Finding[] {
  const [first, second] = importance?.columns ?? []
  const isSuspect = outputs.some((output) => {
    if (output.kind === 'numbers') return output.columns.every(({ r2 }) => r2 >= SUSPECT_R2)
    return ((output.kind === 'classes' ? output.roc_auc : output.macro.roc_auc) ?? 0) >= SUSPECT_AREA
  })
  if (!importance || !first || !second || !isSuspect) return []
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
  return `${capitalized(text)}.`
}
