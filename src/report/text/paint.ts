/** Colors for a terminal, or none. */
export function paint(color: boolean) {
  const tone = (code: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  return { bold: tone(1), dim: tone(2), red: tone(31), green: tone(32), yellow: tone(33), cyan: tone(36) }
}
