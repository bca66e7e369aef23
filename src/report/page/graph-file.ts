import type { ModelSummary } from '../text/summary.ts'
import { graphPicture } from './chart/graph-picture.ts'
import { documentOf, markup, trusted } from './html.ts'
import { CHART_STYLE } from './style.ts'

/** The network of a model as an SVG file with its own colors, for light and dark. */
export function graphFile(summary: ModelSummary): string {
  const rules = trusted(`<style>${CHART_STYLE}svg{background:var(--page)}</style>`)
  return documentOf(markup`${graphPicture(summary, [rules])}\n`)
}
