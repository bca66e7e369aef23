/** How many columns a text takes on a terminal: it stands in for the package string-width in the bundle. */
module.exports = function stringWidth(text) {
  // eslint-disable-next-line no-control-regex -- escape sequences start with a control character
  return text.replaceAll(/\u001b\[[\d;]*m/g, '').length
}
