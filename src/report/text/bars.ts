import { MultiBar } from 'cli-progress'

import { visible } from './characters.ts'
import type { Screen } from './screen.ts'
import type { TerminalText } from './terminal-text.ts'

/** Length of a bar in characters. */
export const BAR = 20

/** Sets the value of a bar and the text beside it. */
export type Bar = (value: number, beside?: string) => void

/** Progress bars at the bottom of a terminal, with lines of text above them. */
export class Bars {
  readonly #screen: Screen
  readonly #bars: MultiBar

  constructor(screen: Screen, format: string) {
    this.#screen = screen
    this.#bars = new MultiBar({
      stream: screen.barStream,
      fps: 10,
      hideCursor: true,
      clearOnComplete: true,
      barsize: BAR,
      barCompleteChar: '━',
      barIncompleteChar: '─',
      format,
      autopadding: true,
      gracefulExit: false,
    })
  }

  /** Characters of a line: while bars are drawn, the terminal does not wrap, and longer lines would overwrite its last column. */
  get width(): number {
    return this.#screen.width - 1
  }

  add(name: string, total: number, value: number): Bar {
    const bar = this.#bars.create(total, value, { name, text: '' })
    return (now, beside = '') => bar.update(now, { text: visible(beside) })
  }

  /** Writes text above the bars. */
  say(text: TerminalText): void {
    if (!this.#bars.isActive) {
      this.#screen.write(text)
      return
    }
    const rendered = this.#screen.rendered(text, this.width).trimEnd()
    // The rest of a line is cleared of what was drawn there.
    for (const line of rendered.split('\n')) this.#bars.log(`${line}\u001b[K\n`)
  }

  stop(): void {
    this.#bars.update() // Writes the lines that wait for the next redraw.
    this.#bars.stop()
  }
}
