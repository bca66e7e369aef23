/**
 * Defaults of what native TensorFlow reads from the environment of the process, once, when it is loaded: they are set
 * before `loadBackend`. 2 keeps its information and warnings off stderr; oneDNN announces itself there all the same,
 * and computes in another order than TensorFlow's own kernels.
 */
export const tensorflowEnvironment = { TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: '0' } as const
