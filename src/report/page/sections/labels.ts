import type { LabelsAnalysis } from '../../../train/analysis/labels.ts'
import { labelTable } from '../../text/label-table.ts'
import type { Html } from '../html.ts'
import { cards, htmlTable, section } from '../table.ts'
import { calibrationCard, curveCards } from './classes.ts'

/** Scores by label, curves and calibration of an output that tells for each of several labels whether a row has it. */
export function labelsSection(title: string, analysis: LabelsAnalysis): Html | undefined {
  const { curves, macro, calibration, brier, labels } = analysis
  const { title: caption, columns, rows } = labelTable(analysis)
  return section(title, [
    htmlTable(caption, columns, rows),
    cards([
      ...curveCards({ curves, roc_auc: macro.roc_auc, noun: 'labels', all: labels.length }),
      {
        title: 'Calibration',
        content: calibrationCard(calibration, { probability: 'mean probability of a label', brier }),
      },
    ]),
  ])
}
