// What yargs asks of node:assert, which takes Node 3 ms to load: it stands in for that in the bundle.

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
