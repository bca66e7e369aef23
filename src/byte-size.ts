import * as z from 'zod'

const BYTES: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9 }

/** An amount of memory with its unit, as in `500 MB`. */
export function size() {
  return z.string().regex(/^\d+(\.\d+)? ?(KB|MB|GB)$/, 'expected a size such as "500 MB" or "1.5 GB"')
}

/** A text of `size` in bytes. */
export function parseSize(text: string): number {
  const [, number, unit] = /^([\d.]+) ?(\w+)$/.exec(text) ?? []
  return Number(number) * (BYTES[unit ?? ''] ?? NaN)
}

/** Bytes as `20 MB`, `4.29 GB`, `8000 TB`. */
export function amount(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB']
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return `${Number((bytes / 1000 ** unit).toPrecision(3))} ${units[unit]}`
}
