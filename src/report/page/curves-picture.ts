import { documentOf, markup, trusted } from './html.ts'
import { HEIGHT, WIDTH } from './chart/frame.ts'
import { CHART_STYLE } from './style.ts'
import type { Card } from './table.ts'

/** Charts side by side, and units of a chart with the gap below it, and of the title. */
const [ACROSS, DOWN, TITLE] = [2, HEIGHT + 20, 20]

/** Charts side by side as one SVG file with its own colors, for light and dark. */
export function curvesPicture(title: string, charts: readonly Card[]): string {
  const across = Math.min(ACROSS, Math.max(1, charts.length))
  const down = Math.ceil(charts.length / across)
  return documentOf(
    markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH * across} ${DOWN * down + TITLE}" width="${WIDTH * across}" height="${DOWN * down + TITLE}" role="img" aria-label="${title}"><style>${trusted(CHART_STYLE)}svg { background: var(--page); }</style><text x="8" y="15" font-weight="600">${title}</text>${charts.map(
      ({ content }, i) =>
        markup`<svg x="${WIDTH * (i % across)}" y="${TITLE + DOWN * Math.floor(i / across)}" width="${WIDTH}" height="${HEIGHT}">${content}</svg>`,
    )}</svg>
`,
  )
}
