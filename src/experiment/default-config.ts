/** The config of a command that names none. */
export const DEFAULT_CONFIG = 'nnlab.yaml'
