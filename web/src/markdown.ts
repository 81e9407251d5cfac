/**
 * The pages of rules and causes as elements. They use little of Markdown, and so does this:
 * headings, paragraphs, lists, code, emphasis and addresses. All else is shown as it is written.
 */

import { h, type Child } from './dom'

/** `address` makes an element of an address: this page cannot open any. */
export function render(markdown: string, address: (url: string, label: string) => Child): HTMLElement {
  const lines = markdown.replaceAll('\r', '').split('\n')
  const out: Node[] = []
  let at = 0
  const paragraph = (stop: RegExp): string => {
    const taken: string[] = []
    while (at < lines.length && lines[at] !== '' && !(taken.length > 0 && stop.test(lines[at] ?? ''))) {
      taken.push(lines[at] ?? '')
      at += 1
    }
    return taken.join(' ')
  }
  while (at < lines.length) {
    const line = lines[at] ?? ''
    const fence = /^(`{3,})\s*([\w-]*)/.exec(line)
    const heading = /^(#{1,4})\s+(.*)$/.exec(line)
    if (line.trim() === '') at += 1
    else if (fence) {
      const end = lines.indexOf(fence[1] ?? '```', at + 1)
      const code = lines.slice(at + 1, end < 0 ? lines.length : end)
      out.push(codeBlock(code.join('\n'), fence[2] ?? ''))
      at = end < 0 ? lines.length : end + 1
    } else if (heading) {
      const level = Math.min(6, (heading[1]?.length ?? 1) + 1)
      out.push(h(`h${level}` as 'h2', {}, inline(heading[2] ?? '', address)))
      at += 1
    } else if (ITEM.test(line)) {
      const items: HTMLElement[] = []
      const ordered = /^\s*\d/.test(line)
      while (ITEM.test(lines[at] ?? '')) {
        const text = paragraph(/^(?:\s*(?:[-*]|\d+\.)\s|```|#)/).replace(ITEM, '')
        items.push(h('li', {}, inline(text, address)))
      }
      out.push(h(ordered ? 'ol' : 'ul', {}, items))
    } else out.push(h('p', {}, inline(paragraph(/^(?:[-*]\s|```|#)/), address)))
  }
  return h('div', { class: 'prose' }, out)
}

const ITEM = /^\s*(?:[-*]|\d+\.)\s+/

const NAMES: Readonly<Record<string, string>> = {
  nginx: 'nginx',
  fpm: 'PHP-FPM pool',
  'php-ini': 'php.ini',
  php: 'PHP',
  facts: 'facts about the machine',
  policy: 'badgateway.toml',
}

function codeBlock(code: string, language: string): HTMLElement {
  const caption = NAMES[language]
  return h(
    'figure',
    {},
    caption && h('figcaption', {}, caption),
    h('pre', { tabindex: 0 }, h('code', {}, code)),
  )
}

const INLINE = /(`+)(.+?)\1|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|<(https?:\/\/[^>\s]+)>|\[([^\]]+)\]\(([^)\s]+)\)/g

function inline(text: string, address: (url: string, label: string) => Child): Child[] {
  const out: Child[] = []
  let end = 0
  for (const found of text.matchAll(INLINE)) {
    out.push(text.slice(end, found.index))
    end = found.index + found[0].length
    const [, , code, strong, emphasis, url, label, target] = found
    if (code !== undefined) out.push(h('code', {}, code))
    else if (strong !== undefined) out.push(h('strong', {}, strong))
    else if (emphasis !== undefined) out.push(h('em', {}, emphasis))
    else if (url !== undefined) out.push(address(url, url))
    else out.push(address(target ?? '', label ?? ''))
  }
  out.push(text.slice(end))
  return out
}

/** The same where only letters can be shown. */
export function plainWords(text: string): string {
  return text.replaceAll('`', '')
}

/** A message of the core: words in backticks are code. */
export function words(text: string): Child[] {
  return inline(text, url => url)
}
