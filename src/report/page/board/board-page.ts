import { titleOf } from '../../../sweep/trial-group.ts'
import type { Report, ReportedGroup, ReportedRun } from '../../report.ts'
import { counted } from '../../text/format.ts'
import { documentOf, markup, trusted } from '../html.ts'
import type { Html } from '../html.ts'
import { groupSections } from '../report-page.ts'
import { learningSection } from '../sections/learning.ts'
import { groupTitle, nameOf } from '../sections/head.ts'
import { CHART_STYLE, PAGE_STYLE } from '../style.ts'
import { boardRow } from './board-row.ts'
import type { BoardRow } from './board-row.ts'
import { BOARD_SCRIPT, BOARD_STYLE } from './board-script.ts'

/** The page of a board: the runs, the latest first, and a place for the one that is opened. `nonce` lets its script run. */
export function boardPage(folder: string, rows: readonly BoardRow[], nonce: string): string {
  const latestFirst = rows.toSorted((a, b) => b.started.localeCompare(a.started))
  return documentOf(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${folder} - nnlab board</title>
<link rel="icon" href="data:,">
<style>${trusted(PAGE_STYLE + CHART_STYLE + BOARD_STYLE)}</style>
</head>
<body>
<header><h1>Runs in ${folder}/</h1><p class="quiet" id="status" role="status">connecting</p></header>
<main>
<section aria-label="Runs">
<p class="tools"><label>Filter <input id="filter" type="search"></label>
<label><input id="trials" type="checkbox"> their trials</label>
<button id="compare" type="button" disabled>Compare the selected runs</button></p>
<div class="scroll" tabindex="0" role="region" aria-label="Table of runs"><table><caption>Runs, sweeps, cross-validations and seeds: choose one to see its curves</caption>
<thead><tr><th scope="col"><span class="hidden">Select</span></th>${['Run', 'State', 'Done', 'Best', 'Time', 'Started'].map((title) => markup`<th scope="col">${title}</th>`)}</tr></thead>
<tbody id="runs">${latestFirst.map(boardRow)}</tbody></table></div>
<p><button id="more" type="button" hidden>Show more</button></p>
</section>
<section id="opened" aria-label="The opened run"></section>
</main>
<script nonce="${nonce}">${trusted(BOARD_SCRIPT)}</script>
</body>
</html>
`)
}

/** The part of the page about the run that is opened. `report` is the address of its report. */
export function boardRun(name: string, run: ReportedRun, report: string): string {
  const { state, epochs } = run.overview
  return opened(nameOf(run), [name, state, counted(epochs.done, 'epoch')], report, [
    learningSection(run),
    markup`<details><summary>Config</summary><pre tabindex="0">${run.config}</pre></details>`,
  ])
}

/** The part of the page about a sweep, a cross-validation or seeds; its commands are for a shell in `cwd`. */
export function boardGroup(
  name: string,
  found: Report,
  group: ReportedGroup,
  cwd: string,
  report: string,
): string {
  return opened(
    groupTitle(group),
    [name, titleOf(group), group.state],
    report,
    groupSections(found, group, cwd),
  )
}

function opened(
  title: string,
  facts: readonly string[],
  report: string,
  parts: readonly (Html | undefined)[],
): string {
  return documentOf(
    markup`<h2>${title}</h2><p class="quiet">${[...facts, ''].join(' · ')}<a href="${report}" target="_blank" rel="noopener">report</a></p>${parts}`,
  )
}
