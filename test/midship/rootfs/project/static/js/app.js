document.addEventListener('DOMContentLoaded', () => {
  const alert = document.querySelector('audio')
  for (const beacon of document.querySelectorAll('li')) {
    beacon.addEventListener('click', () => alert.play())
  }
})
