/** An MPI job that this process was started in, as the environment tells. */
export type Launch = {
  readonly ranks: number
  /** Ranks on this machine, which share its cores. */
  readonly local: number
  /** Files of the library to try, the likeliest first. */
  readonly libraries: readonly string[]
}

const OPEN_MPI = ['libmpi.so.40', 'libmpi.so']
const MPICH = ['libmpich.so.12', 'libmpi.so.12', 'libmpi.so']

/** Launchers with the variables of the environment in which they tell the ranks of a job and those on a machine. */
const LAUNCHERS = [
  { ranks: 'OMPI_COMM_WORLD_SIZE', local: 'OMPI_COMM_WORLD_LOCAL_SIZE', libraries: OPEN_MPI },
  { ranks: 'PMI_SIZE', local: 'MPI_LOCALNRANKS', libraries: MPICH },
  // Of a step that `srun --mpi=pmix` started. Any task of Slurm has a number: those of scripts and arrays are no ranks.
  {
    given: 'PMIX_RANK',
    ranks: 'SLURM_STEP_NUM_TASKS',
    local: 'SLURM_STEP_TASKS_PER_NODE',
    libraries: [...OPEN_MPI, ...MPICH],
  },
]

/** The job of several ranks that `mpirun`, `mpiexec` or `srun --mpi` started this process in. */
export function mpiLaunch(env: Readonly<Record<string, string | undefined>>): Launch | undefined {
  const launcher = LAUNCHERS.find(({ ranks, given = ranks }) => env[given] !== undefined)
  const count = (name = ''): number => parseInt(env[name] ?? '', 10) || 1
  const ranks = count(launcher?.ranks)
  if (launcher === undefined || ranks === 1) return undefined
  const { NNLAB_MPI: library } = env
  return { ranks, local: count(launcher.local), libraries: library ? [library] : launcher.libraries }
}
