/** Rules of the board beside those of a report. */
export const BOARD_STYLE = `.tools{display:flex;flex-wrap:wrap;gap:6px 18px;align-items:center}
button.link{background:none;border:0;padding:0;font:inherit;color:var(--link);text-decoration:underline;cursor:pointer;white-space:nowrap}
.hidden{position:absolute;clip-path:inset(50%)}
tr[hidden]{display:none}tr.open{background:var(--card)}
td.failed,td.killed,td.diverged{color:var(--wrong)}
progress{width:70px;vertical-align:middle}`

/** The script of the board: it puts in what the server sends, and asks it for the run that is opened. */
export const BOARD_SCRIPT = `'use strict'
const token = new URLSearchParams(location.search).get('token')
const find = (id) => document.getElementById(id)
const address = (path, pairs) => path + '?' + new URLSearchParams([...pairs, ['token', token]])
const [table, opened, filter, trials, compare, status] = ['runs', 'opened', 'filter', 'trials', 'compare', 'status'].map(find)
const selected = new Set()
let open = ''

const rowOf = (run) => table.querySelector('tr[data-run="' + CSS.escape(run) + '"]')
const show = () => {
  let [shown, running] = [0, 0]
  for (const row of table.rows) {
    row.hidden = ('trial' in row.dataset && !trials.checked) || !row.textContent.includes(filter.value)
    row.classList.toggle('open', row.dataset.run === open)
    row.querySelector('input').checked = selected.has(row.dataset.run)
    shown += row.hidden ? 0 : 1
    running += row.querySelector('.running') ? 1 : 0
  }
  compare.disabled = selected.size < 2
  status.textContent = shown + ' of ' + table.rows.length + ' runs shown, ' + running + ' running'
}
const load = async () => {
  const run = open
  const answer = await fetch(address('/run', [['run', run]]))
  const html = await answer.text()
  if (run !== open) return
  const isConfigShown = opened.querySelector('details')?.open ?? false
  opened.innerHTML = html
  const details = opened.querySelector('details')
  if (details) details.open = isConfigShown
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
    void load()
  }
})
compare.addEventListener('click', () => {
  window.open(address('/report', [...selected].map((run) => ['run', run])), '_blank', 'noopener')
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
    } else if (row) row.outerHTML = html
    else table.insertAdjacentHTML('afterbegin', html)
    if (run === open && html !== '') void load()
  }
  show()
})
source.onopen = show
source.onerror = () => { status.textContent = 'the board does not answer: is it still running?' }
show()
`
