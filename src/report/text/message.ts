import type { TrainingFinding } from '../../components/callbacks/diagnosis/finding.ts'
import { clip } from './characters.ts'
import { bold, dim, lines, red, text } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** Maximum length of a message, and of a word in one, such as a name, in characters. */
const LONGEST_MESSAGE = 2000
const LONGEST_WORD = 200

/** A message without the middle of very long words. */
export function shorten(message: string): string {
  const words = new RegExp(`\\S{${LONGEST_WORD},}`, 'g')
  return clip(
    message.replace(
      words,
      (word) => `${word.slice(0, (3 / 4) * LONGEST_WORD)}…${word.slice(-LONGEST_WORD / 4)}`,
    ),
    LONGEST_MESSAGE,
  )
}

/** A failure that the user can act on. */
export function renderError(error: {
  readonly lines: readonly string[]
  readonly hint: string | undefined
}): TerminalText {
  const [first = '', ...details] = error.lines.map(shorten)
  return lines([
    text`${bold(red('error'))}: ${first}`,
    ...details,
    ...(error.hint === undefined ? [] : [text`  ${dim('=')} ${shorten(error.hint)}`]),
  ])
}

/** A fault that a training is found to have, and what to do. */
export function renderFinding({ epoch, text: what, advice }: TrainingFinding): TerminalText {
  const when = epoch === 0 ? 'before the first step' : `epoch ${epoch}`
  return lines([text`${bold('finding')} (${when}): ${shorten(what)}`, text`  ${dim('=')} ${advice}`])
}

export function renderNote(note: string): TerminalText {
  return lines([`note: ${shorten(note)}`])
}
