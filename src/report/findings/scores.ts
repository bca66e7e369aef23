import type { Evaluation } from '../../experiment/evaluation.ts'
import type { Analysis } from '../../experiment/analysis.ts'
import type { ClassScores } from '../../train/confusion.ts'
import type { NumbersAnalysis } from '../../train/analysis/numbers.ts'
import type { RunRecord } from '../../run/record.ts'
import { count, counted, percent, shortNumber } from '../text/format.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'

type Evaluated = Pick<Evaluation, 'rows' | 'metrics' | 'outputs'> & {
  readonly on: string
  readonly analysis: Pick<Analysis, 'outputs'>
}

/** Fewer rows of a class, and of a split, prove little. */
const [FEWEST_OF_CLASS, FEWEST_ROWS] = [5, 100]
const WEAK_RECALL = 0.5
/** The area from which probabilities are of use where the classes that they lead to are not. */
const TOLD_APART = 0.7
/** Maximum classes and targets that are named. */
const [MOST_CLASSES, MOST_TARGETS] = [3, 3]

/**
 * Scores that are no better than a guess, classes that are not found, and rows that are too few to tell; `recorded` are
 * the metric values of the training.
 */
export function scoreFindings(
  { rows, on, metrics, outputs, analysis }: Evaluated,
  recorded: RunRecord['metrics'],
): Finding[] {
  return [
    ...(on === 'train' ? [noOtherRows] : []),
    ...outputs.flatMap((output) => {
      const analyzed = analysis.outputs.find(({ name }) => name === output.name)
      return classFindings(output, analyzed?.kind === 'classes' ? analyzed.roc_auc : undefined)
    }),
    ...analysis.outputs.flatMap((output) => {
      if (output.kind === 'numbers') return noBetter(output.columns)
      return output.kind === 'labels'
        ? missed(output.labels, 'Add rows that have it, or predict with a threshold below 0.5.')
        : []
    }),
    ...gapFindings(metrics, recorded, on),
    ...(rows < FEWEST_ROWS
      ? [
          {
            severity: 'note',
            text: `The metrics are over ${counted(rows, 'row')} only: ${rows > 1 ? 'the confidence intervals show how far other rows may differ' : 'they say almost nothing about other rows'}.`,
            advice: 'Cross-validation (`nnlab cv`) uses every row for testing.',
          } as const,
        ]
      : []),
  ]
}

const noOtherRows: Finding = {
  severity: 'serious',
  text: 'The metrics are over the rows that the model was trained on: there are no others.',
  advice:
    'They do not tell how it fares on new rows. Keep some back, as in data.split: {validation: 0.2, test: 0.2}.',
}

/** Targets whose predictions are no better than a constant: one finding, the worst of them named. */
function noBetter(columns: NumbersAnalysis['columns']): Finding[] {
  const found = columns.filter(({ r2 }) => r2 <= 0).toSorted((a, b) => a.r2 - b.r2)
  if (found.length === 0) return []
  const named = found
    .slice(0, MOST_TARGETS)
    .map(({ column, r2 }) => `${column} (R² ${shortNumber(r2)})`)
    .join(', ')
  const left = found.length > MOST_TARGETS ? ` and ${found.length - MOST_TARGETS} more` : ''
  return [
    {
      severity: 'serious',
      text: `Predictions of ${named}${left} are no better than ${found.length === 1 ? 'its mean' : 'their means'}.`,
      advice: 'Do the columns hold what the target depends on? Are they and the target scaled?',
    },
  ]
}

type CountedClasses = Evaluation['outputs'][number]

/** Rows that are right, and those of the largest class. */
function hitsOf({ per_class, confusion }: CountedClasses) {
  const hits = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0)
  const largest = per_class.toSorted((a, b) => b.support - a.support)[0]
  return { hits, largest }
}

/** True where a model is right about no more rows than one that always says the largest class. */
export function isGuess(output: CountedClasses): boolean {
  const { hits, largest } = hitsOf(output)
  return hits <= (largest?.support ?? 0)
}

function classFindings(output: CountedClasses, area = 0): Finding[] {
  const { per_class } = output
  const rows = per_class.reduce((sum, { support }) => sum + support, 0)
  const { hits, largest } = hitsOf(output)
  if (per_class.filter(({ support }) => support > 0).length === 1) return [oneClass(largest?.label ?? '')]
  if (largest && isGuess(output)) {
    return [
      {
        severity: 'serious',
        text: `The model is no better than always saying ${largest.label}: ${percent(hits / rows)} of the rows are right, and ${percent(largest.support / rows)} are ${largest.label}.`,
        advice:
          area >= TOLD_APART
            ? `Its probabilities tell the classes apart all the same (ROC AUC ${shortNumber(area)}): set fit.class_weight: balanced, or predict with a threshold from the table below.`
            : 'Train longer, try another learning_rate, and look at the data.',
      },
    ]
  }
  return missed(per_class, 'Add rows of it, or set fit.class_weight: balanced.')
}

/** Classes or labels most of whose rows are not found. */
function missed(scores: readonly ClassScores[], advice: string): Finding[] {
  return scores
    .filter(({ support, recall }) => support >= FEWEST_OF_CLASS && recall < WEAK_RECALL)
    .toSorted((a, b) => a.recall - b.recall)
    .slice(0, MOST_CLASSES)
    .map(({ label, recall, support }) => {
      const found = Math.round(recall * support)
      return {
        severity: 'serious',
        text: `Most rows of ${label} are missed: ${count(found)} of ${counted(support, 'row')} ${found === 1 ? 'is' : 'are'} found.`,
        advice,
      }
    })
}

function oneClass(label: string): Finding {
  return {
    severity: 'serious',
    text: `All rows are ${label}: they do not show whether the model tells the classes apart.`,
    advice: 'data.split.stratify: true keeps the proportions of the classes in every split.',
  }
}

/** Test rows that fare worse than validation rows: beyond the confidence interval, and by a tenth. */
function gapFindings(metrics: Evaluated['metrics'], recorded: RunRecord['metrics'], on: string): Finding[] {
  const validation = recorded?.['val_loss'] ?? undefined
  const test = metrics['loss']
  if (on !== 'test' || validation === undefined || test === undefined) return []
  if (!(test > 2 * validation && test - validation > 0.1)) return []
  return [
    {
      severity: 'note',
      text: `Test rows fare worse than validation rows: loss ${shortNumber(test)} against ${shortNumber(validation)}.`,
      advice:
        'The splits may differ (see the distributions below), or too many choices were made by the validation rows.',
    },
  ]
}
