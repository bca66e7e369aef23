import type { OutputAnalysis } from '../../experiment/analysis.ts'
import type { DoubtfulLabels } from '../../train/analysis/doubtful-labels.ts'
import { lacking } from '../../train/analysis/labels.ts'
import { counted } from '../text/format.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'

/** Doubtful labels of a class are named where they are this share of its rows. */
const LEAST_SHARE = 0.1
/** Standard deviations by which they exceed those in the other direction: classes that are hard to tell apart are mistaken both ways. */
const ONE_SIDED = 2.2
/** Maximum pairs of classes. */
const MOST_PAIRS = 3

/** Classes whose labels may be wrong. */
export function labelFindings(output: OutputAnalysis): Finding[] {
  if (output.kind === 'numbers') return []
  const { doubtful: pairs } = output
  const isOneSided = ({ label, looksLike, doubtful }: DoubtfulLabels): boolean => {
    const back = pairs.find((other) => other.label === looksLike && other.looksLike === label)?.doubtful ?? 0
    return doubtful - back > ONE_SIDED * Math.sqrt(doubtful + back)
  }
  const found = pairs
    .filter(({ doubtful, rows }) => doubtful >= LEAST_SHARE * rows)
    .filter(isOneSided)
    .slice(0, MOST_PAIRS)
  return found.map(output.kind === 'labels' ? wrongLabel : wrongClass)
}

function wrongClass({ label, looksLike, rows, doubtful }: DoubtfulLabels): Finding {
  return {
    severity: 'serious',
    text: `Labels of ${label} may be wrong: ${doubtful} of ${counted(rows, 'row')} labeled ${label} look as much like ${looksLike} as rows of ${looksLike} do.`,
    advice: `Look at the rows below and at how ${label} was labeled.`,
  }
}

/** Doubts about one of several labels: `label` and `looksLike` are having it and lacking it. */
function wrongLabel({ label, looksLike, rows, doubtful }: DoubtfulLabels): Finding {
  const isMissing = label === lacking(looksLike)
  const [own, here, there] = isMissing ? [looksLike, 'without', 'with'] : [label, 'with', 'without']
  return {
    severity: 'serious',
    text: `The label ${own} may be ${isMissing ? 'missing' : 'wrong'}: ${doubtful} of ${counted(rows, 'row')} ${here} it look as much like rows ${there} it as those do.`,
    advice: `Look at the rows below and at how ${own} was labeled.`,
  }
}
