/** Rules of the board beside those of a report. */
export const BOARD_STYLE = `.tools{display:flex;flex-wrap:wrap;gap:6px 18px;align-items:center}
button.link{background:none;border:0;padding:0;font:inherit;color:var(--link);text-decoration:underline;cursor:pointer;white-space:nowrap}
.hidden{position:absolute;clip-path:inset(50%)}
tr[hidden]{display:none}tr.open{background:var(--card)}
td.failed,td.killed,td.diverged{color:color-mix(in srgb,var(--wrong) 75%,var(--text))}
.scroll:has(tr.open){max-height:40vh;overflow-y:auto}.scroll:has(tr.open) thead{position:sticky;top:0;background:var(--page)}
#runs td{white-space:nowrap}
progress{width:70px;vertical-align:middle}`

/** The script of the board: it puts in what the server sends, and asks it for the run that is opened. */
export const BOARD_SCRIPT = `'use strict'
const token = new URLSearchParams(location.search).get('token')
const find = (id) => document.getElementById(id)
const address = (path, pairs) => path + '?' + new URLSearchParams([...pairs, ['token', token]])
const [table, opened, filter, trials, compare, status, more] = ['runs', 'opened', 'filter', 'trials', 'compare', 'status', 'more'].map(find)
// Rows that are shown at once: more of them take long to lay out.
const PART = 200
let most = PART
const selected = new Set()
let open = ''

const rowOf = (run) => table.querySelector('tr[data-run="' + CSS.escape(run) + '"]')
// What replaces a part of the page takes over the focus of the keyboard.
const replace = (placeOf, change) => {
  const controls = () => [...(placeOf()?.querySelectorAll('a,button,input,summary,[tabindex]') ?? [])]
  const focused = controls().indexOf(document.activeElement)
  change()
  if (focused >= 0) controls()[focused]?.focus({ preventScroll: true })
}
const show = () => {
  let [found, running] = [0, 0]
  for (const row of table.rows) {
    const { run, kind } = row.dataset
    const isFound = (kind !== 'trial' || trials.checked) && row.textContent.includes(filter.value)
    found += isFound ? 1 : 0
    row.hidden = !isFound || found > most
    row.classList.toggle('open', run === open)
    const box = row.querySelector('input')
    if (box) box.checked = selected.has(run)
    running += kind !== 'group' && row.querySelector('.running') ? 1 : 0
  }
  compare.disabled = selected.size < 2
  more.hidden = found <= most
  status.textContent = Math.min(found, most) + ' of ' + table.rows.length + ' rows shown, ' + running + ' running'
}
let isLoading = false
let isStale = false
// One request at a time: where runs change faster than they are drawn, some changes are drawn together.
const load = async () => {
  isStale = true
  if (isLoading) return
  isLoading = true
  while (isStale) {
    isStale = false
    const run = open
    const answer = await fetch(address('/run', [['run', run]])).catch(() => undefined)
    const html = await answer?.text()
    if (run !== open || !answer?.ok) continue
    const isConfigShown = opened.querySelector('details')?.open ?? false
    replace(() => opened, () => { opened.innerHTML = html })
    const details = opened.querySelector('details')
    if (details) details.open = isConfigShown
  }
  isLoading = false
}
table.addEventListener('click', ({ target }) => {
  const run = target.closest('tr')?.dataset.run
  if (target.matches('input')) {
    if (target.checked) selected.add(run)
    else selected.delete(run)
    show()
  } else if (target.matches('button')) {
    open = run
    show()
    target.scrollIntoView({ block: 'nearest' })
    void load()
  }
})
compare.addEventListener('click', () => {
  window.open(address('/report', [...selected].map((run) => ['run', run])), '_blank', 'noopener')
})
more.addEventListener('click', () => {
  most += PART
  show()
})
filter.addEventListener('input', show)
trials.addEventListener('change', show)

const source = new EventSource(address('/events', []))
source.addEventListener('runs', ({ data }) => {
  for (const { run, html } of JSON.parse(data)) {
    const row = rowOf(run)
    if (html === '') {
      row?.remove()
      selected.delete(run)
    } else if (row) replace(() => rowOf(run), () => { row.outerHTML = html })
    else table.insertAdjacentHTML('afterbegin', html)
    if (run === open && html !== '') void load()
  }
  show()
})
source.onopen = show
source.onerror = () => { status.textContent = 'the board is not responding: is it still running?' }
show()
`
