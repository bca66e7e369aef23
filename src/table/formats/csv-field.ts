/** A field of a csv file, in quotes where it contains a comma, a quote or a line break, as RFC 4180 prescribes. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
