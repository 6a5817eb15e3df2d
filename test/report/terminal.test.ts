import {expect, test} from 'vitest'
import {terminalOf} from '../../src/report/terminal.ts'

const tty = {isTTY: true, columns: 100}
const utf8 = {LANG: 'en_US.UTF-8', TERM: 'xterm-256color'}
const colours = (stream: {isTTY?: boolean}, env: Record<string, string>): number =>
  terminalOf(stream, env).colours

test('colour is for terminals', () => {
  expect(colours(tty, utf8)).toBe(1)
  expect(colours({}, utf8)).toBe(0)
})

test('NO_COLOR counts when it is not empty', () => {
  expect(colours(tty, {...utf8, NO_COLOR: '1'})).toBe(0)
  expect(colours(tty, {...utf8, NO_COLOR: ''})).toBe(1)
})

test('FORCE_COLOR is stronger than anything, in both directions', () => {
  expect(colours({}, {...utf8, FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb'})).toBe(1)
  expect(colours({}, {...utf8, FORCE_COLOR: ''})).toBe(1)
  expect(colours({}, {...utf8, FORCE_COLOR: '3'})).toBe(3)
  expect(colours(tty, {...utf8, FORCE_COLOR: '0'})).toBe(0)
})

test('a dumb terminal gets neither colour nor symbols nor a tree', () => {
  expect(terminalOf(tty, {...utf8, TERM: 'dumb'})).toEqual({
    width: 100,
    colours: 0,
    unicode: false,
    animated: false,
  })
})

test('a terminal without a size is as wide as a file', () => {
  expect(terminalOf({isTTY: true, columns: 0}, utf8)).toMatchObject({animated: true, width: 80})
})

test('symbols need a locale that has them: LC_ALL before LC_CTYPE before LANG', () => {
  expect(terminalOf(tty, {LANG: 'C'}).unicode).toBe(false)
  expect(terminalOf(tty, {}).unicode).toBe(false)
  expect(terminalOf(tty, {LANG: 'de_DE.UTF-8', LC_ALL: 'C'}).unicode).toBe(false)
  expect(terminalOf(tty, {LANG: 'C', LC_CTYPE: 'C.utf8'}).unicode).toBe(true)
})

test('width', () => {
  expect(terminalOf({isTTY: true, columns: 20}, utf8).width).toBe(40)
  expect(terminalOf({columns: 200}, utf8).width).toBe(80)
})
