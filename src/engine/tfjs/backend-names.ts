/** Backends of TensorFlow.js, fastest first: the order in which they are tried when none is asked for. */
export const backendNames = ['tensorflow', 'wasm', 'cpu'] as const
export type BackendName = (typeof backendNames)[number]
