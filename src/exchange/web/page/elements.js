export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

/** Adds a field with its label to the form; a hint stands below it. */
export function labelled(name, input, hint) {
  const parts = [element('span', {}, name), input]
  if (hint) parts.push(element('small', {}, hint))
  document.querySelector('form').append(element('label', {}, ...parts))
  return input
}
