/** Small drawings. Severity is told by shape and word; colour only helps. */

import { h, svg } from '../dom'

export type Level = 'error' | 'warning' | 'info' | 'unknown'

const SHAPES: Readonly<Record<Level, string>> = {
  // An octagon, a triangle, a circle and a diamond, each with its sign cut out of it.
  error: 'M5 1h6l4 4v6l-4 4H5l-4-4V5zM7.2 4l.3 5h1l.3-5zM7.1 10.4v1.6h1.8v-1.6z',
  warning: 'M8 1 15.5 15H.5zM7.2 6l.3 4.4h1l.3-4.4zM7.1 11.4V13h1.8v-1.6z',
  info: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM7.1 4v1.7h1.8V4zM7.1 7v5h1.8V7z',
  unknown:
    'M8 0l8 8-8 8-8-8zM5.9 6.4h1.6c0-.8 1.2-.8 1.2 0 0 .9-1.5 1-1.5 2.7h1.6c0-1.1 1.6-1.3 1.6-2.8 0-2.5-4.5-2.6-4.5.1zM7.1 10v1.6h1.8V10z',
}

const WORDS: Readonly<Record<Level, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'remark',
  unknown: 'not known',
}

export function levelWord(level: Level): string {
  return WORDS[level]
}

export function shape(level: Level): SVGSVGElement {
  return icon(SHAPES[level], `shape ${level}`)
}

/** Shape and word. */
export function badge(level: Level): HTMLElement {
  return h('span', { class: `badge ${level}` }, shape(level), ` ${WORDS[level]}`)
}

export function icon(path: string, name = ''): SVGSVGElement {
  const attributes = { class: `icon ${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' }
  return svg('svg', attributes, svg('path', { d: path, 'fill-rule': 'evenodd' }))
}

/** A drawing made of lines. */
export function lineIcon(path: string): SVGSVGElement {
  const attributes = { class: 'icon line', viewBox: '0 0 16 16', 'aria-hidden': 'true' }
  return svg('svg', attributes, svg('path', { d: path }))
}

export const LINES = {
  gate: 'M2 14V6a6 6 0 0 1 12 0v8M6 14V5.5m4 8.5V5.5M2 9h12',
  add: 'M8 2.5v11M2.5 8h11',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  undo: 'M5.5 3 2.5 6l3 3M3 6h6.5a4 4 0 0 1 0 8H6',
  redo: 'M10.5 3l3 3-3 3M13 6H6.5a4 4 0 0 0 0 8H10',
  shield: 'M8 1.5 13.5 4v4c0 3.5-2.5 5.6-5.5 6.5C5 13.6 2.5 11.5 2.5 8V4zM5.5 8l2 2 3.2-3.7',
  theme: 'M8 2.2a5.8 5.8 0 1 0 0 11.6zM8 2.2a5.8 5.8 0 0 1 0 11.6',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  down: 'M4 6l4 4 4-4',
  link: 'M6.5 9.5l3-3M7 5l1.5-1.5a2.5 2.5 0 0 1 4 4L11 9M9 11l-1.5 1.5a2.5 2.5 0 0 1-4-4L5 7',
} as const
