/** Markup of a page. Only this file makes it: what is put into a template is text, with its characters escaped. */
export type Html = Markup

class Markup {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

type HtmlPart = string | number | Html | undefined | readonly (string | number | Html | undefined)[]

/** Markup by a template; strings that are put into it are shown as they are, arrays one after the other. */
export function markup(template: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Markup(template.map((own, i) => own + markupOf(parts[i])).join(''))
}

/** Markup that is in our own code, such as rules of a style. */
export function trusted(markup: string): Html {
  return new Markup(markup)
}

/** The characters of a document. */
export function documentOf(page: Html): string {
  return page.markup
}

function markupOf(part: HtmlPart): string {
  if (part === undefined) return ''
  if (part instanceof Markup) return part.markup
  if (typeof part === 'object') return part.map(markupOf).join('')
  return String(part).replace(/[&<>"']|(?![\n\t])\p{Cc}/gu, escapeOf)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** An entity; control characters, which neither HTML nor SVG allows, are shown as a replacement character. */
function escapeOf(character: string): string {
  return ENTITIES[character] ?? '\ufffd'
}
