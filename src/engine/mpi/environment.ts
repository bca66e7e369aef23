/**
 * A default of what UCX, over which MPICH sends, reads from the environment when it is loaded: its hooks into malloc give
 * memory back that other threads of Node use, and a rank crashes now and then.
 */
export const ucxEnvironment = { UCX_MEM_EVENTS: 'n' } as const
