// The part of node:assert that yargs uses; replaces it in the bundle, since Node takes 3 ms to load it.

/** Throws where two values are not the same. */
exports.strictEqual = function strictEqual(actual, expected, message) {
  if (!Object.is(actual, expected)) throw failure(message)
}

/** Throws where two values are the same. */
exports.notStrictEqual = function notStrictEqual(actual, expected, message) {
  if (Object.is(actual, expected)) throw failure(message)
}

function failure(message) {
  return message instanceof Error ? message : new Error(message)
}
