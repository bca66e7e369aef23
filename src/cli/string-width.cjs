const { stripVTControlCharacters } = require('node:util')

/** Columns that a string takes on a terminal; replaces the package string-width in the bundle. */
module.exports = function stringWidth(text) {
  return stripVTControlCharacters(text).length
}
