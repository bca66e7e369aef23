import packageJson from '../package.json' with { type: 'json' }

export const version = packageJson.version

/** The version of TensorFlow.js that the engine is tested with. */
export const tfjsVersion = packageJson.peerDependencies['@tensorflow/tfjs-core']
