/** Distance that formulas keep from 0, and probabilities from 0 and 1. Keras symbol: keras.config.epsilon. */
export const EPSILON = 1e-7
