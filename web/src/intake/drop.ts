/**
 * Dropping files and folders on the page.
 *
 * This page has no origin, so that the browser gives it no way to look into a dropped folder: the
 * entries' readers fail (and asking for a handle ends the whole tab in Chromium 156). What works is
 * a file input for folders: the browser itself reads what is dropped on it. So while something is
 * dragged over the page, such an input lies over all of it.
 */

import type { App } from '../app'
import type { Entry } from '../archive/tar'
import { MOST_BYTES, mebibytes } from '../archive/bounds'
import type { Skip } from '../archive/unpack'
import { h } from '../dom'

export function dropTarget(app: App): HTMLElement {
  const catcher = h('input', { type: 'file', webkitdirectory: true, tabindex: -1, 'aria-label': 'Drop here' })
  const overlay = h(
    'div',
    { class: 'drop', hidden: true },
    h(
      'p',
      {},
      h('b', {}, 'Drop files, an archive, or one folder'),
      h('small', {}, 'They are read here. Nothing is sent.'),
    ),
    catcher,
  )
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

  addEventListener('dragenter', event => {
    if (carriesFiles(event)) overlay.hidden = false
  })
  overlay.addEventListener('dragleave', event => {
    if (!overlay.contains(event.relatedTarget as Node | null)) overlay.hidden = true
  })
  // Outside of the input a drop would replace the page by the file, and of several files the input
  // wants none.
  addEventListener('dragover', event => {
    const several = (event.dataTransfer?.items.length ?? 0) > 1
    if (carriesFiles(event) && (event.target !== catcher || several)) event.preventDefault()
  })
  addEventListener('drop', event => {
    if (!carriesFiles(event)) return
    overlay.hidden = true
    const items = [...(event.dataTransfer?.items ?? [])].filter(item => item.kind === 'file')
    const isFolder = items.map(item => item.webkitGetAsEntry?.()?.isDirectory ?? false)
    if (event.target === catcher && items.length === 1 && isFolder[0]) return
    event.preventDefault()
    const skips = items.flatMap((item, index) =>
      isFolder[index]
        ? [
            {
              name: item.webkitGetAsEntry()?.name ?? 'a folder',
              why: 'a folder must be dropped alone; or choose it with “Open a folder”',
            },
          ]
        : [],
    )
    const files = items.flatMap((item, index) => (isFolder[index] ? [] : (item.getAsFile() ?? [])))
    void takeFiles(app, files, skips)
  })
  catcher.addEventListener('change', () => {
    overlay.hidden = true
    const files = [...(catcher.files ?? [])]
    catcher.value = ''
    void takeFiles(app, files, [])
  })
  return overlay
}

/** Lets a person choose, with the browser's own window. */
export function chooseFiles(app: App, folder: boolean): void {
  const input = h('input', { type: 'file', multiple: true, webkitdirectory: folder, hidden: true })
  input.addEventListener('change', () => {
    void takeFiles(app, [...(input.files ?? [])], [])
    input.remove()
  })
  input.addEventListener('cancel', () => input.remove())
  // In the document, so that a test finds it; browsers do not care.
  input.id = folder ? 'choose-folder' : 'choose-files'
  document.getElementById(input.id)?.remove()
  document.body.append(input)
  input.click()
}

export async function takeFiles(app: App, files: readonly File[], skips: readonly Skip[]): Promise<void> {
  const raws: Entry[] = []
  const left = [...skips]
  for (const file of files) {
    const name = file.webkitRelativePath || file.name
    if (file.size > MOST_BYTES) {
      left.push({
        name,
        why: `it is larger than ${mebibytes(MOST_BYTES)} MiB; the command line has no such limit`,
      })
      continue
    }
    try {
      raws.push({ name, bytes: new Uint8Array(await file.arrayBuffer()) })
    } catch {
      left.push({ name, why: 'the browser could not read it' })
    }
  }
  await app.take(raws, left)
}
