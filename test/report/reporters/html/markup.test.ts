import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {html, trusted} from '../../../../src/report/reporters/html/markup.ts'

const text = fc.string({unit: 'binary'})

describe('a value in a template', () => {
  test('is escaped, wherever it stands', () => {
    expect(html`<a title="${`"'<>&`}">${'<b>&amp;</b>'}</a>`.markup).toBe(
      '<a title="&quot;&#39;&lt;&gt;&amp;">&lt;b&gt;&amp;amp;&lt;/b&gt;</a>',
    )
  })

  test('never becomes markup, and can be read back whole', () => {
    const entities = {amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'"} as const
    fc.assert(
      fc.property(text, value => {
        const {markup} = html`<p title="${value}">${value}</p>`
        expect(markup.match(/[<>"']/g)).toEqual(['<', '"', '"', '>', '<', '>'])
        const [, title, content] = /^<p title="([^"]*)">([^<]*)<\/p>$/s.exec(markup) ?? []
        expect(title).toBe(content)
        const read = content?.replace(
          /&(amp|lt|gt|quot|#39);/g,
          (_, name: keyof typeof entities) => entities[name],
        )
        expect(read).toBe(value)
      }),
    )
  })

  test('nests as markup when it is markup, and as a list', () => {
    const items = ['<a>', 2].map(item => html`<li>${item}</li>`)
    expect(html`<ul>${items}</ul>`.markup).toBe('<ul><li>&lt;a&gt;</li>\n<li>2</li></ul>')
    expect(html`<style>${trusted('a > b {}')}</style>`.markup).toBe('<style>a > b {}</style>')
  })

  test('keeps its spaces, while the indentation of the template goes', () => {
    const {markup} = html`
      <pre>${'a\n    b'}</pre>
      ${null}
      ${[]}
      <p></p>
    `
    expect(markup).toBe('<pre>a\n    b</pre>\n<p></p>')
    expect(html`<p>${html`${' a '}<b>, </b> `}b</p>`.markup).toBe('<p> a <b>, </b> b</p>')
    expect(
      html`${''}
      <p>${'b\n'}</p>`.markup,
    ).toBe('<p>b\n</p>')
  })
})
