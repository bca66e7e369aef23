import { leavesOf } from '../../../run/spec-changes.ts'
import type { ReportedModel, ReportedRun } from '../../report.ts'
import { counted } from '../../text/format.ts'
import { specValue } from '../../text/runs.ts'
import { graphPicture } from '../chart/graph-picture.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { htmlTable, section } from '../table.ts'

/** The layers of the network as a picture. */
export function networkSection({ summary }: ReportedModel): Html | undefined {
  return section('Network', [
    markup`<div class="picture scroll" tabindex="0" role="region" aria-label="Network">${graphPicture(summary)}</div>`,
  ])
}

/** The config, what its defaults are, and what it takes to repeat the run. */
export function runSection({ record, config, spec }: ReportedRun, name: string): Html | undefined {
  const facts: [string, string | number | undefined][] = [
    ['State', record.state],
    ['Started', record.started],
    ['Stopped', record.stopped === record.state ? undefined : record.stopped],
    ['nnlab', `${record.nnlab}, numerics ${record.numerics}`],
    ['Node', record.node],
    ['Engine', engineText(record)],
    ['Seed', record.seed],
    ['Data (SHA-256)', record.data.sha256],
    ['Weights (SHA-256)', record.weights_sha256],
    ['To check it', record.weights_sha256 && `nnlab verify ${name}`],
    ['To train it again', `nnlab train ${record.config}`],
  ]
  const known = facts.filter(([, value]) => value !== undefined)
  return section('Run', [
    markup`<dl>${known.map(([key, value]) => markup`<dt>${key}</dt><dd>${value}</dd>`)}</dl>`,
    config === '' ? undefined : markup`<h3>Config</h3><pre tabindex="0"><code>${config}</code></pre>`,
    markup`<details><summary>Every key with its value, defaults included</summary>${htmlTable(
      'The spec of the run',
      [{ title: 'Key' }, { title: 'Value' }],
      leavesOf(spec).map(([path, value]) => [path, specValue(value)]),
    )}</details>`,
  ])
}

/** `compiled, fma, avx512, 2 threads`. */
function engineText({ engine, arithmetic, native, threads }: ReportedRun['record']): string {
  const parts = [
    engine,
    arithmetic,
    native === 'none' ? undefined : native,
    threads && counted(threads, 'thread'),
  ]
  return parts.filter(Boolean).join(', ')
}
