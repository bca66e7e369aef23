/** How many columns a text takes on a terminal: it stands in for the package string-width in the bundle. */
export default function stringWidth(text: string): number {
  // eslint-disable-next-line no-control-regex -- escape sequences start with a control character
  return text.replaceAll(/\u001b\[[\d;]*m/g, '').length
}
