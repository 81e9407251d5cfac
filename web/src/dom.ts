/**
 * Making elements. Text goes in as text nodes and attributes by name: there is no way from here
 * to the HTML parser, so that a file called `<img onerror=…>` is a file with a strange name.
 */

export type Child = Node | string | number | null | undefined | false | readonly Child[]

type Handlers = {
  [Name in keyof HTMLElementEventMap as `on${Name}`]?: (event: HTMLElementEventMap[Name]) => void
}
type Attributes = Readonly<Record<string, unknown>> & Handlers

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  fill(element, attributes, children)
  return element
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  fill(element, attributes, children)
  return element
}

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value as EventListener)
    } else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value != null) element.setAttribute(name, String(value))
  }
  add(element, children)
}

export function add(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child == null || child === false) continue
    if (Array.isArray(child)) add(parent, child as readonly Child[])
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)))
  }
}

/** Puts other children in place of those that are there. */
export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren()
  add(parent, children)
}

let lastId = 0

/** An id that nothing else on the page has. */
export function uniqueId(prefix: string): string {
  lastId += 1
  return `${prefix}-${lastId}`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}

export function button(label: Child, action: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return h('button', { type: 'button', ...attributes, onclick: action }, label)
}
