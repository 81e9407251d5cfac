// The whole way without a mouse.

import { editorText, equal, match, ok, text } from './lib/check.mjs'

/** What has the focus, through shadow roots. */
function focused(app) {
  return app.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return `${element?.tagName} ${element?.id} ${element?.className} ${element?.getAttribute('aria-label') ?? ''} ${element?.textContent?.slice(0, 80)}`
  })
}

async function tabTo(page, app, wanted, most = 60) {
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab')
    if (wanted.test(await focused(app))) return
  }
  throw new Error(`${wanted} cannot be reached with Tab`)
}

async function journey(lab) {
  const opened = await lab.open()
  const { page, app } = opened
  await tabTo(page, app, /A broken stack/)
  await page.keyboard.press('Enter')
  await app.waitForSelector('.finding')

  // From finding to finding, and the text follows.
  await page.keyboard.press('n')
  match(await focused(app), /finding-head/)
  equal(await app.locator('.finding-head[aria-expanded="true"]').count(), 1)
  await page.keyboard.press('n')
  await page.keyboard.press('p')
  match(await text(app, '.finding-head[aria-expanded="true"]'), /PHP may compute for 300s/)

  // The fix of the first: look at it, apply it, undo it.
  await tabTo(page, app, /Show the change/)
  await page.keyboard.press('Enter')
  match(await focused(app), /Apply/, 'the focus is at what to do next')
  await page.keyboard.press('Enter')
  await app.waitForFunction(() => document.querySelector('.tally')?.textContent?.includes('2 errors'))
  await page.keyboard.press('u')
  await app.waitForFunction(() => document.querySelector('.tally')?.textContent?.includes('3 errors'))

  // Into the text, type, and out again by Tab: it holds nobody.
  await page.keyboard.press('e')
  match(await focused(app), /cm-content/)
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('# typed')
  match(await editorText(app), /^# typed/)
  await page.keyboard.press('Tab')
  ok(!/cm-content/.test(await focused(app)), 'Tab leaves the text')
  ok(!(await editorText(app)).includes('\t'), 'and puts nothing into it')

  // Views by number and by arrows, parts by F6.
  await page.keyboard.press('2')
  await app.waitForSelector('.ladders .ladder')
  equal(await app.locator('#tab-chain').getAttribute('aria-selected'), 'true')
  await page.keyboard.press('ArrowRight')
  equal(await app.locator('#tab-fix').getAttribute('aria-selected'), 'true')
  await page.keyboard.press('f')
  match(await focused(app), /files/)
  await page.keyboard.press('F6')
  match(await focused(app), /cm-content|SECTION text/)
  await page.keyboard.press('F6')
  match(await focused(app), /panel/)

  // Help, with the focus inside and back.
  await page.keyboard.press('?')
  match(await text(app, 'dialog'), /next finding, previous finding/)
  match(await focused(app), /Close|dialog/)
  await page.keyboard.press('Escape')
  await app.waitForFunction(() => !document.querySelector('dialog'))

  // A menu by arrows.
  await app.getByRole('button', { name: 'Add files' }).focus()
  await page.keyboard.press('Enter')
  // The list takes the focus when it is shown, which is a turn of the loop later.
  await app.waitForFunction(() => document.activeElement?.textContent?.startsWith('Open files'))
  await page.keyboard.press('ArrowDown')
  match(await focused(app), /Open a folder/)
  await page.keyboard.press('Escape')
  match(await focused(app), /Add files/)
  lab.quiet(opened)
}

/** Single keys can be turned off, and never work while somebody types. */
async function singleKeys(lab) {
  const opened = await lab.open()
  const { page, app } = opened
  await app.getByRole('button', { name: 'A broken stack' }).click()
  await app.locator('#filter').focus()
  await page.keyboard.type('n2?')
  equal(await app.locator('#filter').inputValue(), 'n2?')
  equal(await app.locator('dialog').count(), 0)
  await app.locator('#filter').fill('')
  await app.getByRole('button', { name: 'Help and keys' }).click()
  await app.locator('#single-keys').uncheck()
  await page.keyboard.press('Escape')
  await app.locator('.files h2').click()
  await page.keyboard.press('2')
  equal(await app.locator('#tab-findings').getAttribute('aria-selected'), 'true')
  lab.quiet(opened)
}

/** What changes is said, once it is calm. */
async function saidAloud(lab) {
  const opened = await lab.open()
  const { app } = opened
  await app.getByRole('button', { name: 'A broken stack' }).click()
  await app.waitForFunction(() =>
    document.querySelector('.verdict [role=status]')?.textContent?.includes('3 errors'),
  )
  const finding = app.locator('.finding').first()
  await finding.locator('.finding-head').click()
  await finding.getByRole('button', { name: 'Apply' }).click()
  match(await text(app, '.toast[role=status]'), /Applied/)
  await app.waitForFunction(() =>
    document.querySelector('.verdict [role=status]')?.textContent?.includes('2 errors'),
  )
  const active = await focused(app)
  ok(!/^BODY/.test(active), `the focus is not lost: ${active}`)
  lab.quiet(opened)
}

export default { 'the whole way by keys': journey, 'single keys': singleKeys, 'said aloud': saidAloud }
