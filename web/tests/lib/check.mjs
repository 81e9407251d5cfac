// What tests say, in words that help when it is not so.

import assert from 'node:assert/strict'

export const { equal, ok, match, deepEqual } = assert

/** The text of an element, as it is read. */
export async function text(app, selector) {
  return (await app.locator(selector).first().innerText()).replace(/\s+/g, ' ').trim()
}

/** Loads one of the shipped examples. */
export async function example(app, withLogs = false) {
  await app.getByRole('button', { name: withLogs ? 'Its bad night' : 'A broken stack' }).click()
  await app.waitForSelector(withLogs ? '.cause' : '.finding')
}

/** The texts of an editor: it renders lines that can be seen only, so the view is asked. */
export function editorText(app, selector = '.stage .editor') {
  return app
    .locator(selector)
    .first()
    .evaluate(host => {
      const content = host.shadowRoot.querySelector('.cm-content')
      return content.cmTile?.view?.state.doc.toString() ?? content.cmView.view.state.doc.toString()
    })
}

export async function typeIn(app, words) {
  await app.locator('.stage .editor .cm-content').first().pressSequentially(words)
}

/** What stands in the clipboard, read by the browser itself and not by the page. */
export async function clipboard(context, page) {
  const session = await context.newCDPSession(page)
  await session.send('Browser.grantPermissions', { permissions: ['clipboardReadWrite'] }).catch(() => {})
  const other = await context.newPage()
  await other.goto('data:text/html,<textarea></textarea>')
  await other.focus('textarea')
  await other.keyboard.press('Control+V')
  const value = await other.inputValue('textarea')
  await other.close()
  return value
}

/** A download, as bytes. */
export async function downloaded(page, action) {
  const [download] = await Promise.all([page.waitForEvent('download'), action()])
  const chunks = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk)
  return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks) }
}
