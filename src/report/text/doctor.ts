import type { ProbedBackend } from '../../engine/tfjs/backend.ts'
import { bytes, counted } from './format.ts'
import { table } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** Capabilities of a machine. */
export type MachineReport = {
  readonly nnlab: string
  readonly node: string
  readonly platform: string
  readonly processor: string
  readonly cores: number
  readonly memory: number
  /** The compiled engine, which `engine: auto` chooses. */
  readonly compiled: { readonly arithmetic: string; readonly native: string }
  readonly backends: readonly ProbedBackend[]
}

export function renderMachine(
  { nnlab, node, platform, processor, cores, memory, compiled, backends }: MachineReport,
  width: number,
): TerminalText {
  return lines([
    `nnlab ${nnlab}, Node ${node}, ${platform}`,
    `${processor}, ${counted(cores, 'core')}, ${bytes(memory)} of memory`,
    '',
    `Engine: compiled, with ${compiled.arithmetic} arithmetic. Machine code: ${compiled.native}.`,
    'The engine tfjs runs on request, on one of these backends:',
    ...table(
      ['Backend', 'Version', 'State', 'Detail'].map((title) => ({ title })),
      backends.map(({ name, version, available, chosen, detail }) => [
        name,
        version ?? '-',
        chosen ? 'chosen' : available ? 'available' : 'missing',
        detail,
      ]),
      width,
    ),
  ])
}
