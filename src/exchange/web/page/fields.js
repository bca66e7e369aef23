// The fields of the form: each kind adds its inputs and returns what reads their values into a row, or all rows of a series.
import { element, labelled } from './elements.js'
import { rowsOfCsv } from './csv.ts'
import { addImage } from './image.js'

export const FIELDS = {
  number({ column, optional, usual, range }) {
    const hints = [range && `mostly ${range[0]} to ${range[1]}`, optional && 'optional']
    const value = usual ?? (optional ? '' : 0)
    const input = labelled(
      column,
      element('input', { type: 'number', step: 'any', value }),
      hints.filter(Boolean).join(', '),
    )
    return () => ({ [column]: input.value === '' ? null : Number(input.value) })
  },
  choice({ column, optional, choices }) {
    const missing = optional ? [element('option', { value: '' }, 'not known')] : []
    const options = choices.map((choice) => element('option', { value: choice }, choice))
    const select = labelled(column, element('select', {}, ...options, ...missing))
    return () => ({ [column]: select.value === '' ? null : select.value })
  },
  date({ column }) {
    const value = new Date().toISOString().slice(0, 10)
    const input = labelled(column, element('input', { type: 'date', value }))
    return () => ({ [column]: input.value || null })
  },
  text({ column }) {
    const input = labelled(column, element('textarea', { rows: 3 }))
    return () => ({ [column]: input.value || null })
  },
  list({ column, shape }) {
    const count = shape.reduce((product, length) => product * length, 1)
    const value = Array(count).fill(0).join(' ')
    const input = labelled(column, element('textarea', { rows: 3, value }), `${count} numbers`)
    return () => ({
      [column]: input.value
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map(Number),
    })
  },
  series({ columns, rows }) {
    const value = `${columns.join(',')}\n`
    const input = labelled(
      'rows',
      element('textarea', { rows: 12, value, spellcheck: false }),
      `csv, at least ${rows} rows`,
    )
    const file = labelled('or a file', element('input', { type: 'file', accept: '.csv,.tsv,.txt' }))
    file.addEventListener('change', async () => {
      input.value = (await file.files[0]?.text()) ?? ''
      input.dispatchEvent(new Event('input', { bubbles: true }))
    })
    return () => rowsOfCsv(input.value)
  },
  image: addImage,
}
