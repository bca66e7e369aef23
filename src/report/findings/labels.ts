import type { ClassesAnalysis } from '../../train/analysis/classes.ts'
import type { DoubtfulLabels } from '../../train/analysis/doubtful-labels.ts'
import type { NumbersAnalysis } from '../../train/analysis/numbers.ts'
import { counted } from '../text/format.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'

/** Doubtful labels of a class from which they are named: rows, and their share of the class. */
const [FEWEST_ROWS, LEAST_SHARE] = [3, 0.1]
/** Maximum pairs of classes. */
const MOST_PAIRS = 3

/** Classes whose labels may be wrong. */
export function labelFindings(output: ClassesAnalysis | NumbersAnalysis): Finding[] {
  if (output.kind !== 'classes') return []
  const { doubtful: pairs } = output
  /** Classes that are mistaken for each other alike are hard to tell apart; labels are wrong in one direction. */
  const isOneSided = ({ label, looksLike, doubtful }: DoubtfulLabels): boolean =>
    !pairs.some(
      (other) => other.label === looksLike && other.looksLike === label && 2 * other.doubtful > doubtful,
    )
  return pairs
    .filter(({ doubtful, rows }) => doubtful >= FEWEST_ROWS && doubtful >= LEAST_SHARE * rows)
    .filter(isOneSided)
    .slice(0, MOST_PAIRS)
    .map(({ label, looksLike, rows, doubtful }) => ({
      severity: 'serious',
      text: `Labels of ${label} may be wrong: ${doubtful} of ${counted(rows, 'row')} labelled ${label} look as much like ${looksLike} as rows of ${looksLike} do.`,
      advice: `Look at the rows below and at how ${label} was labelled.`,
    }))
}
