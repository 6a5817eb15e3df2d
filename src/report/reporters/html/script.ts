/**
 * What a page gains where scripts run: how long ago it was written, a notice when that is long, and
 * a button beside each command. It puts text into the page and never markup.
 */
export const script = `(() => {
'use strict'
const said = document.createElement('p')
said.className = 'unseen'
said.setAttribute('role', 'status')
document.body.append(said)

const amounts = [[86400, ' days', 48 * 3600], [3600, ' hours', 5400], [60, ' minutes', 90]]
const ago = time => {
  const seconds = (Date.now() - Date.parse(time)) / 1000
  for (const [size, word, from] of amounts)
    if (seconds >= from) return Math.round(seconds / size) + word
  return seconds >= 0 ? 'less than two minutes' : ''
}
const age = () => {
  for (const place of document.querySelectorAll('[data-ago]')) {
    const words = ago(place.dataset.ago)
    place.textContent = words && ' (' + words + ' ago)'
  }
  for (const place of document.querySelectorAll('[data-old]')) {
    const time = place.dataset.old
    place.hidden = !(Date.now() - Date.parse(time) > 3600000)
    place.textContent = ago(time) + ' old: look again before you act on it'
  }
}
age()
setInterval(age, 30000)
document.addEventListener('visibilitychange', age)

const copy = async code => {
  const range = document.createRange()
  range.selectNodeContents(code)
  getSelection().removeAllRanges()
  getSelection().addRange(range)
  // Only pages that came encrypted, or from a file, have a clipboard.
  if (navigator.clipboard) await navigator.clipboard.writeText(code.textContent)
  else if (!document.execCommand('copy')) throw new Error('this browser copies nothing here')
}
for (const place of document.querySelectorAll('.typed')) {
  const code = place.querySelector('code')
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', 'Copy ' + code.textContent)
  button.addEventListener('click', async () => {
    let word = 'Copied'
    try { await copy(code) } catch { word = 'Selected: copy it by hand' }
    button.textContent = said.textContent = word
    setTimeout(() => { button.textContent = 'Copy'; said.textContent = '' }, 2000)
  })
  place.append(button)
}

const closed = []
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details:not([open])')) {
    details.open = true
    closed.push(details)
  }
})
addEventListener('afterprint', () => {
  for (const details of closed.splice(0)) details.open = false
})
})()`
