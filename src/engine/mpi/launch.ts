/** An MPI job that this process was started in, as the environment tells. */
export type Launch = {
  /** Files of the library to try, the likeliest first. */
  readonly libraries: readonly string[]
}

const OPEN_MPI = ['libmpi.so.40', 'libmpi.so']
const MPICH = ['libmpich.so.12', 'libmpi.so.12', 'libmpi.so']

/** Launchers with the variable of the environment in which they tell the ranks of a job. */
const LAUNCHERS = [
  { ranks: 'OMPI_COMM_WORLD_SIZE', libraries: OPEN_MPI },
  { ranks: 'PMI_SIZE', libraries: MPICH },
  // Of a step that `srun --mpi=pmix` started. Any task of Slurm has a number: those of scripts and arrays are no ranks.
  { given: 'PMIX_RANK', ranks: 'SLURM_STEP_NUM_TASKS', libraries: [...OPEN_MPI, ...MPICH] },
]

/** The job of several ranks that `mpirun`, `mpiexec` or `srun --mpi` started this process in. */
export function mpiLaunch(env: Readonly<Record<string, string | undefined>>): Launch | undefined {
  const launcher = LAUNCHERS.find(({ ranks, given = ranks }) => env[given] !== undefined)
  if (launcher === undefined || !(Number(env[launcher.ranks]) > 1)) return undefined
  const { NNLAB_MPI: library } = env
  return { libraries: library ? [library] : launcher.libraries }
}
