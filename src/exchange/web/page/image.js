// A drawing pad of as many pixels as the model takes, which also takes image files.
import { element } from './elements.js'

/** Radius of the brush in pixels, for a pad that is so many pixels across. */
const brushFor = (across) => Math.max(0.7, across / 20)

export function addImage({ columns, height, width, channels, white }) {
  const canvas = element('canvas', { width, height })
  canvas.setAttribute('role', 'img')
  canvas.setAttribute('aria-label', `drawing pad of ${width} by ${height} pixels`)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const changed = () => canvas.dispatchEvent(new Event('input', { bubbles: true }))
  const clear = () => {
    context.fillStyle = 'black'
    context.fillRect(0, 0, width, height)
  }
  clear()
  drawWithPointer(canvas, context, changed)

  const file = element('input', { type: 'file', accept: 'image/*' })
  const invert = element('button', { type: 'button' }, 'Invert')
  const erase = element('button', { type: 'button' }, 'Clear')
  const open = async (image) => {
    context.drawImage(await createImageBitmap(image), 0, 0, width, height)
    changed()
  }
  file.addEventListener('change', () => file.files[0] && open(file.files[0]))
  erase.addEventListener('click', () => (clear(), changed()))
  invert.addEventListener('click', () => (invertColors(context, width, height), changed()))
  const field = element(
    'fieldset',
    { className: 'image' },
    element('legend', {}, columns.length === 1 ? columns[0] : 'image'),
    canvas,
    element('p', {}, erase, invert),
    element('label', {}, element('span', {}, 'Draw above, or drop or open an image'), file),
  )
  field.addEventListener('dragover', (event) => event.preventDefault())
  field.addEventListener('drop', (event) => {
    event.preventDefault()
    const [image] = event.dataTransfer.files
    if (image) open(image)
  })
  document.querySelector('form').append(field)

  return () => {
    const bytes = pixelsOf(context, width, height, channels)
    const numbers = white === 255 ? bytes : Array.from(bytes, (byte) => (byte * white) / 255)
    if (columns.length === 1) return { [columns[0]]: numbers }
    return Object.fromEntries(columns.map((column, i) => [column, numbers[i]]))
  }
}

function drawWithPointer(canvas, context, changed) {
  let last
  const at = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect()
    return [
      ((clientX - box.left) / box.width) * canvas.width,
      ((clientY - box.top) / box.height) * canvas.height,
    ]
  }
  const stroke = (event) => {
    if (last === undefined) return
    const next = at(event)
    context.strokeStyle = 'white'
    context.lineCap = context.lineJoin = 'round'
    context.lineWidth = 2 * brushFor(canvas.width)
    context.beginPath()
    context.moveTo(...last)
    context.lineTo(next[0] + 0.01, next[1])
    context.stroke()
    last = next
    changed()
  }
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId)
    last = at(event)
    stroke(event)
  })
  canvas.addEventListener('pointermove', stroke)
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => (last = undefined))
}

function invertColors(context, width, height) {
  const image = context.getImageData(0, 0, width, height)
  for (let i = 0; i < image.data.length; i++) if (i % 4 < 3) image.data[i] = 255 - image.data[i]
  context.putImageData(image, 0, 0)
}

/** The bytes of the pixels: gray, or red, green and blue. */
function pixelsOf(context, width, height, channels) {
  const { data } = context.getImageData(0, 0, width, height)
  const bytes = new Uint8Array(width * height * channels)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [red, green, blue] = data.subarray(4 * pixel, 4 * pixel + 3)
    if (channels === 3) bytes.set([red, green, blue], 3 * pixel)
    else bytes[pixel] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue)
  }
  return bytes
}
