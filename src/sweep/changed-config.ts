import type { RunEnvironment } from '../experiment/environment.ts'
import { changeLines, specChanges } from '../run/spec-changes.ts'
import { runName } from '../run/run-name.ts'
import { counted } from '../wording.ts'

/** Keys that change no result. */
const WITHOUT_EFFECT = /^(name|data\.memory|fit\.(threads|arithmetic)|checkpoint\.\w+)$/
/** Changes that a note shows. */
const SHOWN = 3

/** Notes the changes of the config that names a group of trials, which goes on without them. */
export function noteChangedConfig(
  folder: string,
  { begun, now }: { readonly begun: unknown; readonly now: unknown },
  { cwd, onNote }: Pick<RunEnvironment, 'cwd' | 'onNote'>,
): void {
  // Parameters may have been named on the command line.
  const changes = specChanges(begun, now).filter(
    ({ path, after }) =>
      !WITHOUT_EFFECT.test(path) && !(path.startsWith('sweep.parameters') && after === undefined),
  )
  if (changes.length === 0) return
  const more = changes.length > SHOWN ? `, and ${counted(changes.length - SHOWN, 'more key')}` : ''
  const shown = changeLines(changes.slice(0, SHOWN)).join(', ')
  onNote(
    `${runName(folder, cwd)} goes on as it was begun, without these changes of the config: ${shown}${more}`,
  )
}
