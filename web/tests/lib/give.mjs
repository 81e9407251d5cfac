// The ways in which a person gives files.

/** By the button; `files`: `{name, text}` or paths. */
export async function give({ page, app }, files) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press(app, 'Open files')])
  await chooser.setFiles(
    files.map(file =>
      typeof file === 'string' ? file : { name: file.name, mimeType: '', buffer: Buffer.from(file.text) },
    ),
  )
  await settled(app)
}

export async function giveFolder({ page, app }, folder) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press(app, 'Open a folder')])
  await chooser.setFiles(folder)
  await settled(app)
}

async function press(app, label) {
  const onFirstScreen = app.locator('.welcome').getByRole('button', { name: label })
  if (await onFirstScreen.isVisible()) return onFirstScreen.click()
  await app.getByRole('button', { name: 'Add files' }).click()
  await app.locator('.menu:popover-open').getByRole('button', { name: label }).click()
}

/** Dropped by the browser itself, as from a file manager. */
export async function drop({ page, app, context }, paths) {
  const session = await context.newCDPSession(page)
  const data = { items: [], files: paths, dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop']) {
    await session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
    // The overlay must lie under the pointer before the next event comes.
    await page.waitForTimeout(150)
  }
  await settled(app)
}

/** Reading files takes turns of the loop; what was taken is then said. */
async function settled(app) {
  await app.waitForFunction(() => document.querySelector('.toast')?.textContent !== '')
  await app.waitForTimeout(50)
}
