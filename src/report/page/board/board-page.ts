import type { ReportedRun } from '../../report.ts'
import { counted, duration, shortNumber } from '../../text/format.ts'
import type { RunOverview } from '../../../run/overview.ts'
import { documentOf, markup, trusted } from '../html.ts'
import type { Html } from '../html.ts'
import { learningSection } from '../sections/learning.ts'
import { nameOf } from '../sections/head.ts'
import { CHART_STYLE, PAGE_STYLE } from '../style.ts'
import { BOARD_SCRIPT, BOARD_STYLE } from './board-script.ts'

/** A run with the name that it has on the board. */
export type BoardRun = { readonly name: string; readonly isTrial: boolean; readonly overview: RunOverview }

/** The page of a board: the runs, the latest first, and a place for the one that is opened. `nonce` lets its script run. */
export function boardPage(folder: string, runs: readonly BoardRun[], nonce: string): string {
  const latestFirst = runs.toSorted((a, b) => b.overview.started.localeCompare(a.overview.started))
  return documentOf(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${folder} - nnlab board</title>
<style>${trusted(PAGE_STYLE + CHART_STYLE + BOARD_STYLE)}</style>
</head>
<body>
<header><h1>Runs in ${folder}/</h1><p class="quiet" id="status" role="status">connecting</p></header>
<main>
<section aria-label="Runs">
<p class="tools"><label>Filter <input id="filter" type="search"></label>
<label><input id="trials" type="checkbox"> trials of cross-validations and sweeps</label>
<button id="compare" type="button" disabled>Compare the selected runs</button></p>
<div class="scroll" tabindex="0" role="region" aria-label="Table of runs"><table><caption>Choose a run to see its curves</caption>
<thead><tr><th scope="col"><span class="hidden">Select</span></th>${['Run', 'State', 'Epochs', 'Best', 'Time', 'Started'].map((title) => markup`<th scope="col">${title}</th>`)}</tr></thead>
<tbody id="runs">${latestFirst.map(rowOf)}</tbody></table></div>
</section>
<section id="opened" aria-live="polite"></section>
</main>
<script nonce="${nonce}">${trusted(BOARD_SCRIPT)}</script>
</body>
</html>
`)
}

/** The row of a run in the table. */
export function boardRow(run: BoardRun): string {
  return documentOf(rowOf(run))
}

function rowOf({ name, isTrial, overview }: BoardRun): Html {
  const { state, epochs, best, seconds, started } = overview
  const { done, wanted } = epochs
  const progress =
    state === 'running' && wanted !== undefined
      ? markup` <progress max="${wanted}" value="${done}" aria-label="Epochs of ${name}"></progress>`
      : ''
  return markup`<tr data-run="${name}"${isTrial ? trusted(' data-trial') : ''}><td><input type="checkbox" aria-label="Select ${name}"></td><td><button type="button" class="link">${name}</button></td><td class="${state}">${state}</td><td>${wanted === undefined ? done : `${done}/${wanted}`}${progress}</td><td>${best ? `${best.metric} ${shortNumber(best.value)} (epoch ${best.epoch})` : ''}</td><td>${seconds === undefined ? '' : duration(seconds)}</td><td>${started.slice(0, 16).replace('T', ' ')}</td></tr>`
}

/** The part of the page about the run that is opened. `report` is the address of its report. */
export function boardRun(name: string, run: ReportedRun, report: string): string {
  const { state, epochs } = run.overview
  const facts = [name, state, counted(epochs.done, 'epoch'), '']
  return documentOf(
    markup`<h2>${nameOf(run)}</h2><p class="quiet">${facts.join(' · ')}<a href="${report}" target="_blank" rel="noopener">report</a></p>${learningSection(run)}<details><summary>Config</summary><pre tabindex="0">${run.config}</pre></details>`,
  )
}
