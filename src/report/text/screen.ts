import { visible } from './characters.ts'
import { jsonText } from './json-text.ts'
import { render } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** A stream of text that may be a terminal. */
export type TextStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/** Environment variables that say how to write. */
type ScreenSettings = Readonly<Partial<Record<'COLUMNS' | 'NO_COLOR' | 'TERM' | 'COLORTERM', string>>>

/** Minimum width of lines, in characters. */
const NARROWEST = 20

/** A standard stream of the process: all that nnlab writes to one goes through here. */
export class Screen {
  readonly #stream: TextStream
  readonly #settings: ScreenSettings
  /** A terminal that shows colors and bars. https://no-color.org */
  readonly draws: boolean

  constructor(stream: TextStream, settings: ScreenSettings) {
    this.#stream = stream
    this.#settings = settings
    this.draws = stream.isTTY === true && !settings.NO_COLOR && settings.TERM !== 'dumb'
  }

  /** Width of a line in characters; unlimited where the output goes to a file or a pipe. */
  get width(): number {
    const wanted = Number(this.#settings.COLUMNS)
    if (Number.isInteger(wanted) && wanted > 0) return Math.max(NARROWEST, wanted)
    return this.#stream.isTTY ? Math.max(NARROWEST, this.#stream.columns || 80) : Infinity
  }

  write(text: TerminalText): void {
    this.#stream.write(this.rendered(text, this.width))
  }

  /** Characters that `write` sends for a text, but in lines of another width. */
  rendered(text: TerminalText, width: number): string {
    return render(text, this.draws, width)
  }

  /** Writes a JSON document. */
  writeJson(value: unknown): void {
    this.#stream.write(`${jsonText(value)}\n`)
  }

  /** Writes what programs read, such as CSV: as it is, but on a terminal with control characters shown as escapes. */
  writeData(data: string): void {
    this.#stream.write(this.#stream.isTTY ? data.split('\n').map(visible).join('\n') : data)
  }

  /** The stream itself, for bars, which move the cursor. */
  get barStream(): TextStream {
    return this.#stream
  }
}
