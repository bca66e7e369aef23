const { stripVTControlCharacters } = require('node:util')

/** How many columns a text takes on a terminal: it stands in for the package string-width in the bundle. */
module.exports = function stringWidth(text) {
  return stripVTControlCharacters(text).length
}
