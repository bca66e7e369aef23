// The page of an exported model: a form for one row, or the rows of a series, and the predictions beside it. `nnlabModel` is the model (model.js).

import { element } from './elements.js'
import { FIELDS } from './fields.js'

const { fields, outputs } = JSON.parse(document.getElementById('form-description').textContent)
const form = document.querySelector('form')
const results = document.querySelector('output')
/** The functions that read the values of the fields into a row. */
const readers = fields.map((field) => FIELDS[field.kind](field))

nnlabModel.load().then(
  (model) => {
    const update = () => show(() => model.predict(rowsOf()))
    form.addEventListener('input', update)
    form.addEventListener('submit', (event) => event.preventDefault())
    update()
  },
  (error) => say(`The model cannot run here: ${error.message}`),
)

function rowsOf() {
  const values = readers.map((read) => read())
  return values.length === 1 && Array.isArray(values[0]) ? values[0] : [Object.assign({}, ...values)]
}

function show(predict) {
  try {
    const predicted = predict()
    results.replaceChildren(
      ...predicted.flatMap((one) => sections(one, predicted.length > 1 ? ` after row ${one.row}` : '')),
    )
  } catch (error) {
    say(error.message.replace(/^row 1: /, ''))
  }
}

function sections({ outputs: predictions, unseen = {} }, after) {
  return [
    ...outputs.map((output) => section({ ...output, title: output.title + after }, predictions[output.name])),
    ...Object.entries(unseen).map(([column, value]) =>
      element('p', { className: 'note' }, `No training row has “${value}” in ${column}.`),
    ),
  ]
}

function say(message) {
  results.replaceChildren(element('p', { className: 'note' }, message))
}

/** The prediction of an output: a label and the probabilities of the classes, or numbers. */
function section({ title, columns }, { prediction, probabilities }) {
  const values = Array.isArray(prediction) ? prediction : [prediction]
  const named = values.length === columns.length && values.length > 1
  const text = named
    ? values.map((value, i) => `${columns[i]}: ${shown(value)}`).join(', ')
    : values.map(shown).join(' ')
  const best = Object.entries(probabilities ?? {}).sort(([, p], [, q]) => q - p)
  return element(
    'section',
    {},
    element('h2', {}, title),
    element('p', { className: 'prediction' }, text),
    element('dl', {}, ...best.slice(0, 10).flatMap(([label, share]) => bar(label, share))),
  )
}

function bar(label, share) {
  const percent = `${(100 * share).toFixed(1)} %`
  const meter = element('span', { className: 'bar' })
  meter.style.width = `${100 * share}%`
  return [
    element('dt', {}, label),
    element('dd', {}, meter, element('span', { className: 'share' }, percent)),
  ]
}

function shown(value) {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value)
}
