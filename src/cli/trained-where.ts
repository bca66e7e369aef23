import type { SlurmChoice } from '../sweep/launchers/slurm.ts'

/** The options of a command that tell where trials are trained. */
export type WhereOptions = {
  readonly on?: 'slurm' | 'workers' | undefined
  readonly slurm?: string | undefined
  /** Number of trials at once; 0: the default. */
  readonly jobs: number
}

/** The number of trials at once, where one is given, and Slurm; 0 are trained here where workers are followed. */
export function trainedWhere({ on, slurm = '', jobs }: WhereOptions): { jobs?: number; slurm?: SlurmChoice } {
  if (on === 'workers') return { jobs: 0 }
  const options = slurm.split(',').filter((part) => part !== '')
  return {
    ...(jobs !== 0 && { jobs }),
    ...(on === 'slurm' && { slurm: { options, program: ownProgram() } }),
  }
}

/** The program that runs this command, for other machines. */
function ownProgram(): string[] {
  const [node = '', script = ''] = process.argv
  return [node, script]
}
