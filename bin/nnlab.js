#!/usr/bin/env node
const { load } = require('./load.js')

// Node would open its debugger.
process.on('SIGUSR1', () => undefined)

if (currentFolder() === undefined) {
  process.stderr.write('error: the current folder was removed\n  = change to a folder that is there\n')
  process.exitCode = 2
} else {
  void load()
    .exports.run()
    .then((code) => {
      process.exitCode = code
    })
}

/** The current folder, undefined where it was removed: many a module asks for it when it is loaded. */
function currentFolder() {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}
