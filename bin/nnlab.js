#!/usr/bin/env node
const { load } = require('./load.js')

void load()
  .exports.run()
  .then((code) => {
    process.exitCode = code
  })
