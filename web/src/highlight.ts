/**
 * Words of a line by what they are. It only colours: nothing is decided with it, and the core reads
 * texts by the servers' own rules.
 */

import type { Language } from './kinds'

export type Word = 'comment' | 'directive' | 'text' | 'variable' | 'number' | 'section'

export interface Token {
  readonly from: number
  readonly to: number
  readonly word: Word
}

/** Longer lines are data, and colouring them helps nobody. */
const LONGEST = 2000

/** A comment, a text in quotes, a variable, a sign of structure, or anything else up to one of them. */
const NGINX =
  /#.*|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\$(?:\{\w+\}|\w+)|[{};]|(?:[^\s{};"'$\\]|\\.|\$(?!\w))+/g
const NUMBER = /^\d+(?:\.\d+)?(?:ms|[smhdwMy]|[kKmMgG]|%)?$/
const INI_VALUE = /;.*|"(?:[^"\\]|\\.)*"?|'[^']*'?|\$\{?\w+\}?|[^\s;"'$]+/g

/** `begins`: a statement begins here, and does not go on from the line before. */
export function tokens(line: string, language: Language, begins = true): Token[] {
  if (language === 'none' || line.length > LONGEST) return []
  return language === 'nginx' ? nginx(line, begins) : ini(line)
}

/** Whether the statement of a line of nginx's goes on in the next one. */
export function goesOn(line: string): boolean {
  const last = line
    .replace(/(?:^|\s)#.*$/, '')
    .trimEnd()
    .at(-1)
  return last !== undefined && !';{}'.includes(last)
}

function nginx(line: string, begins: boolean): Token[] {
  const out: Token[] = []
  let first = begins
  let end = -1
  for (const found of line.matchAll(NGINX)) {
    const text = found[0]
    const from = found.index
    const to = from + text.length
    // `#` in the middle of a word is a part of it.
    const glued = from === end
    end = to
    const sign = text[0] ?? ''
    if (sign === '#' && !glued) out.push({ from, to, word: 'comment' })
    else if (sign === '"' || sign === "'") out.push({ from, to, word: 'text' })
    else if (sign === '$' && text.length > 1) out.push({ from, to, word: 'variable' })
    else if (first && !'{};'.includes(sign)) out.push({ from, to, word: 'directive' })
    else if (!glued && NUMBER.test(text)) out.push({ from, to, word: 'number' })
    first = '{};'.includes(sign)
    if (first) end = -1
  }
  return out
}

function ini(line: string): Token[] {
  const lead = line.length - line.trimStart().length
  const sign = line[lead]
  if (sign === undefined) return []
  if (sign === ';' || sign === '#') return [{ from: lead, to: line.length, word: 'comment' }]
  if (sign === '[') return [{ from: lead, to: line.length, word: 'section' }]
  const equals = line.indexOf('=')
  if (equals < 0) return []
  const out: Token[] = [{ from: lead, to: line.slice(0, equals).trimEnd().length, word: 'directive' }]
  for (const found of line.slice(equals + 1).matchAll(INI_VALUE)) {
    const from = equals + 1 + found.index
    const to = from + found[0].length
    const word = wordOfValue(found[0])
    if (word) out.push({ from, to, word })
  }
  return out
}

function wordOfValue(text: string): Word | undefined {
  if (text.startsWith(';')) return 'comment'
  if (text.startsWith('"') || text.startsWith("'")) return 'text'
  if (text.startsWith('$')) return 'variable'
  return NUMBER.test(text) || /^(?:on|off|yes|no|true|false)$/i.test(text) ? 'number' : undefined
}
