import type { TileMachine } from '../../plan/tile-machine.ts'
import type { FunctionIndex } from '../assembler/function-builder.ts'

/** A machine, and the imported function (number of one of its functions, a, b, out, count) that calls it. */
export type ImportedMachine = { readonly tiles: TileMachine; readonly call: FunctionIndex }
