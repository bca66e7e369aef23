// The page of an exported model: a form for one row, and the prediction beside it. `nnlabModel` is the model (model.js).

import { element } from './elements.js'
import { FIELDS } from './fields.js'

const { fields, outputs } = JSON.parse(document.getElementById('form-description').textContent)
const form = document.querySelector('form')
const results = document.querySelector('output')
/** The functions that read the values of the fields into a row. */
const readers = fields.map((field) => FIELDS[field.kind](field))

nnlabModel.load().then(
  (model) => {
    const update = () => show(() => model.predict([rowOf()])[0])
    form.addEventListener('input', update)
    form.addEventListener('submit', (event) => event.preventDefault())
    update()
  },
  (error) => say(`The model cannot run here: ${error.message}`),
)

function rowOf() {
  return Object.assign({}, ...readers.map((read) => read()))
}

function show(predict) {
  try {
    const { outputs: predictions, unseen = {} } = predict()
    results.replaceChildren(
      ...outputs.map((output) => section(output, predictions[output.name])),
      ...Object.entries(unseen).map(([column, value]) =>
        element('p', { className: 'note' }, `No training row has “${value}” in ${column}.`),
      ),
    )
  } catch (error) {
    say(error.message.replace(/^row 1: /, ''))
  }
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
