/** Colors by name, in light and dark: Okabe and Ito's palette, which the colour-blind can tell apart, darkened for white paper. */
const COLORS = {
  light: {
    page: '#ffffff',
    card: '#f6f7f9',
    text: '#1b1f24',
    quiet: '#57606a',
    line: '#d3d9e0',
    link: '#0b5cad',
    heat: '#0072b2',
    wrong: '#d55e00',
    series: ['#0072b2', '#d55e00', '#00805c', '#a8508a', '#8a6a00', '#4d4d4d', '#b23a3a', '#2f86b8'],
  },
  dark: {
    page: '#14171c',
    card: '#1d2127',
    text: '#e8ebef',
    quiet: '#a5afba',
    line: '#363d47',
    link: '#7cb8f0',
    heat: '#3d9bd6',
    wrong: '#e8803a',
    series: ['#56b4e9', '#f08a45', '#2fc495', '#dd93c2', '#e6b422', '#c3c9d0', '#f08a8a', '#9ccff0'],
  },
} as const

function variables({ series, ...named }: (typeof COLORS)['light' | 'dark']): string {
  const all = [...Object.entries(named), ...series.map((color, i): [string, string] => [`s${i}`, color])]
  return all.map(([name, color]) => `--${name}:${color}`).join(';')
}

const seriesRules = COLORS.light.series.map((_, i) => `.s${i}{--own:var(--s${i})}`).join('')

/** Rules of drawings, in a page and in files of their own. */
export const CHART_STYLE = `svg{color-scheme:light dark;${variables(COLORS.light)};font:11px system-ui,sans-serif;fill:var(--text)}
@media screen and (prefers-color-scheme:dark){svg{${variables(COLORS.dark)}}}
svg text{fill:var(--text);stroke:none}
svg .grid text,svg .axis text,svg .facts,svg .note{fill:var(--quiet)}
svg .label{fill:var(--quiet);font-style:italic}
svg .grid path,svg .axis path{stroke:var(--line);fill:none}
svg .reference,svg .zero{stroke:var(--quiet);stroke-dasharray:3 3;fill:none}
svg .zero{stroke-dasharray:none}
svg .line{stroke:var(--own);fill:none;stroke-width:1.6;stroke-linejoin:round}
svg .faint{--own:var(--line)}
svg .line.s6,svg .line.s7{stroke-dasharray:5 2}
svg .value{stroke:var(--page);stroke-width:5px;paint-order:stroke}
svg .best{stroke-width:2.6}
svg .band{fill:var(--own);fill-opacity:.15}
${[1, 2, 3, 4, 5].map((step) => `svg .rank${step}{--own:color-mix(in srgb,var(--heat) ${step * 20}%,var(--line))}`).join('')}
svg .area{fill:var(--own);fill-opacity:.35;stroke:var(--own)}
svg .dots circle{fill:var(--own);fill-opacity:.6}
svg .bar{fill:var(--own)}
svg .whisker{stroke:var(--text);fill:none}
svg .edge{stroke:var(--quiet);fill:none;stroke-width:1.3}
svg .box rect{fill:var(--card);stroke:var(--quiet)}
svg .input rect{stroke-dasharray:4 3}
${seriesRules}`

/** Rules of a page that is read on a phone and on paper, too. */
export const PAGE_STYLE = `:root{color-scheme:light dark;${variables(COLORS.light)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(COLORS.dark)}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:16px;max-width:1480px;background:var(--page);color:var(--text);font:15px/1.45 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.5rem;margin:.2em 0}h2{font-size:1.15rem;margin:1.6em 0 .5em;padding-bottom:.2em;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0 0 .4em}p{margin:.4em 0}a{color:var(--link)}
.quiet{color:var(--quiet)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));gap:14px;align-items:start}
.card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px;min-width:0;break-inside:avoid}
.card svg{display:block;width:100%;max-width:480px;height:auto}
.picture svg{display:block;max-width:100%;height:auto}
.findings{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:minmax(0,1fr);gap:8px}
.findings li{border-left:4px solid var(--quiet);background:var(--card);padding:8px 12px;break-inside:avoid}
.findings li.serious{border-color:var(--wrong)}.findings li.good{border-color:var(--s2)}
.scroll{overflow-x:auto;margin-bottom:12px}
table{border-collapse:collapse;font-size:.92em;font-variant-numeric:tabular-nums}
caption{text-align:left;max-width:calc(100vw - 56px);color:var(--quiet);padding-bottom:4px}
th,td{padding:3px 8px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600}.n{text-align:right}td.n,.short{white-space:nowrap}.long{min-width:11em;overflow-wrap:anywhere}
.card table{font-size:.85em}.card th,.card td{padding:3px 4px}.card .long{min-width:8.5em}
.heat td{text-align:center;min-width:2.2em}.heat thead th{vertical-align:bottom;text-align:center}.vertical{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap}.heat caption{white-space:nowrap}
${[1, 2, 3, 4, 5].map((step) => `.heat .right.h${step}{background:color-mix(in srgb,var(--heat) ${step * 9}%,transparent)}.heat .wrong.h${step}{background:color-mix(in srgb,var(--wrong) ${step * 9}%,transparent)}`).join('')}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:10px;overflow-x:auto;font-size:.85em}
code{font-family:ui-monospace,monospace}
details{margin:.6em 0}summary{cursor:pointer}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 14px;margin:0}dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}dl+h3{margin-top:1.2em}
.images{display:flex;flex-wrap:wrap;gap:12px;margin-bottom:12px}.fact{display:inline-block}.images figure{margin:0;max-width:150px;font-size:.85em}.images img{width:112px;image-rendering:pixelated;border:1px solid var(--line)}
@media (max-width:500px){th,td{padding:3px 5px}}
.card .scroll{margin:0}
@media print{:root,svg{color-scheme:light}h2,h3{break-after:avoid}.heat td{print-color-adjust:exact}body{font-size:11px;max-width:none;padding:0}.cards{grid-template-columns:repeat(2,1fr)}details::details-content{content-visibility:visible;block-size:auto}.scroll{overflow:visible}table{font-size:.8em}th,td{overflow-wrap:anywhere}tr,dl{break-inside:avoid}thead,caption{break-after:avoid}tbody tr:first-child{break-before:avoid}.long{min-width:6em}.card:has(.heat){grid-column:1/-1}pre{white-space:pre-wrap}}
`
