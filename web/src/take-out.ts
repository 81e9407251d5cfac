/** The two ways in which something leaves the page, both by a person's hand: copy and download. */

/** Copies; the clipboard is not offered to pages that came over plain HTTP, hence the second way. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyByEvent(text)
  }
}

function copyByEvent(text: string): boolean {
  let done = false
  const put = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    event.stopImmediatePropagation()
    done = true
  }
  document.addEventListener('copy', put, { capture: true, once: true })
  document.execCommand('copy')
  document.removeEventListener('copy', put, { capture: true })
  return done
}

export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  anchor.click()
  // The browser has taken hold of it by then; what stays is memory.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** A part of this page as a page of its own: it looks the same, and nothing in it acts. */
export function standalone(part: Element): string {
  const copy = part.cloneNode(true) as Element
  for (const button of copy.querySelectorAll('.actions, textarea, form')) button.remove()
  const styles = Array.from(document.querySelectorAll('style'), style => style.textContent)
  const head = `<meta charset="utf-8"><title>badgateway report</title><style>${styles.join('\n')}</style>`
  return `<!doctype html><html lang="en"><head>${head}</head><body>${new XMLSerializer().serializeToString(copy)}</body></html>\n`
}
