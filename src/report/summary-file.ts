import { graphFile } from './page/graph-file.ts'
import { dotText, mermaidText } from './text/graph-text.ts'
import { jsonText } from './text/json-text.ts'
import { renderSummary } from './text/summary.ts'
import type { ModelSummary } from './text/summary.ts'
import { render } from './text/terminal-text.ts'

/** A summary as the text of a file. */
export function summaryFile(
  summary: ModelSummary,
  format: 'text' | 'json' | 'svg' | 'dot' | 'mermaid',
): string {
  switch (format) {
    case 'text':
      return render(renderSummary(summary, Infinity), false, Infinity)
    case 'json':
      return `${jsonText(summary)}\n`
    case 'svg':
      return graphFile(summary)
    case 'dot':
      return dotText(summary)
    case 'mermaid':
      return mermaidText(summary)
  }
}
