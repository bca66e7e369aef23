import type { Finding } from '../../../components/callbacks/diagnosis/finding.ts'
import type { Report, ReportedGroup, ReportedRun } from '../../report.ts'
import { titleOf } from '../../../sweep/trial-group.ts'
import { capitalized, count, counted, duration, shortNumber } from '../../text/format.ts'
import { runName } from '../../../run/run-name.ts'
import { trialCounts } from '../../text/sweep.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'

/** The title of a report: the group of trials, the model of a single run, or the number of runs. */
export function reportTitle({ runs, group }: Report): string {
  if (group) return groupTitle(group)
  const [run] = runs
  return runs.length === 1 && run ? nameOf(run) : counted(runs.length, 'run')
}

/** The title of a report, and one line on the run. */
export function head(report: Report, names: readonly string[]): Html {
  const { runs, model } = report
  const [run] = runs
  if (runs.length !== 1 || !run) return markup`<header><h1>${reportTitle(report)}</h1></header>`
  const { record, overview } = run
  const { rows } = record.data
  const params = model?.summary.totals.params
  const facts = [
    `${counted(rows.train, 'row')} for training`,
    `${count(rows.validation)} for validation`,
    `${count(rows.test)} for testing`,
    ...(params === undefined || params === null ? [] : [counted(params, 'parameter')]),
    `${counted(overview.epochs.done, 'epoch')}${overview.seconds === undefined ? '' : ` in ${duration(overview.seconds)}`}`,
    record.started.slice(0, 10),
  ]
  return markup`<header><h1>${nameOf(run)}</h1>${factsLine([names[0] ?? '', ...facts])}</header>`
}

/** The title of a report on a sweep, a cross-validation or seeds, and one line on it. */
export function groupHead({ lacking }: Report, group: ReportedGroup, cwd: string): Html {
  const facts = [runName(group.folder, cwd), group.state, groupCounts(group), group.started.slice(0, 10)]
  const note =
    lacking === undefined
      ? undefined
      : markup`<p>The folds' predictions could not be put together: ${lacking}.</p>`
  return markup`<header><h1>${groupTitle(group)}</h1>${factsLine(facts)}${note}</header>`
}

/** Facts one after the other, each on one line where it fits. */
function factsLine(facts: readonly string[]): Html {
  return markup`<p class="quiet">${facts.map((fact, i) => markup`<span class="fact">${fact}${i < facts.length - 1 ? ' ·' : ''}</span> `)}</p>`
}

/** `Sweep of digits`. */
export function groupTitle(group: ReportedGroup): string {
  return `${capitalized(titleOf(group))} of ${group.name}`
}

function groupCounts(group: ReportedGroup): string {
  if (group.kind === 'sweep') return `by ${group.outcome.metric.name}: ${trialCounts(group.outcome.trials)}`
  const { repeated, trials, kind } = group
  const all = counted(trials, kind === 'cv' ? 'fold' : 'seed')
  return repeated.results.length === trials ? all : `${repeated.results.length} of ${all}`
}

/** The name of the model of a run. */
export function nameOf({ spec, overview }: ReportedRun): string {
  if (typeof spec === 'object' && spec !== null && 'name' in spec && typeof spec.name === 'string')
    return spec.name
  return overview.run
}

export function findingsSection(findings: readonly Finding[]): Html {
  const shown: readonly Finding[] =
    findings.length > 0
      ? findings
      : [{ severity: 'good', text: 'Nothing stands out: no rule of the report found a problem.' }]
  return markup`<section><h2>Findings</h2><ul class="findings">${shown.map(
    ({ severity, text, advice }) =>
      markup`<li class="${severity}"><strong>${text}</strong>${advice === undefined ? '' : markup` <span>${withCode(advice)}</span>`}</li>`,
  )}</ul></section>`
}

/** A text whose parts between backticks are commands. */
function withCode(text: string): Html {
  return markup`${text.split('`').map((part, i) => (i % 2 === 0 ? part : markup`<code>${part}</code>`))}`
}

/** The best value of the metric by which the epochs of a run are ranked. */
export function bestText({ overview: { best } }: ReportedRun): string {
  return best ? `${best.metric} ${shortNumber(best.value)} in epoch ${best.epoch}` : ''
}
