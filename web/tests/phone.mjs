// The same in a hand: one column, nothing wider than the window, everything large enough to hit.

import { equal, example, match, ok, text } from './lib/check.mjs'

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

async function fits(app, where) {
  const [wide, window] = await app.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  ok(wide <= window, `${where}: ${wide} pixels in a window of ${window}`)
}

async function journey(lab) {
  const opened = await lab.open(PHONE)
  const { app } = opened
  await fits(app, 'first screen')
  await lab.picture(opened, 'phone-welcome')
  await example(app)
  await fits(app, 'findings')
  await app.locator('.finding-head').first().tap()
  equal(await app.locator('.stage').isVisible(), false, 'one column at a time')
  await lab.picture(opened, 'phone-findings')
  await app.locator('.finding-body .place').first().tap()
  equal(await app.locator('.stage').isVisible(), true, 'a place leads to the text')
  equal(await app.locator('#tab-text').getAttribute('aria-selected'), 'true')
  await fits(app, 'text')
  await lab.picture(opened, 'phone-text')
  await app.locator('#tab-findings').tap()
  await app.getByRole('button', { name: 'Show the change' }).first().tap()
  match(await text(app, '.diff-table'), /120s/)
  await fits(app, 'change')
  await lab.picture(opened, 'phone-change')
  await app.locator('.stage-bar').getByRole('button', { name: 'Not now' }).tap()
  equal(
    await app.locator('#tab-findings').getAttribute('aria-selected'),
    'true',
    'back to where one came from',
  )
  for (const view of ['chain', 'fix', 'logs', 'redact', 'files']) {
    await app.locator(`#tab-${view}`).tap()
    await app.waitForTimeout(150)
    await fits(app, view)
    await lab.picture(opened, `phone-${view}`)
  }
  lab.quiet(opened)
}

/** Fingers are wide: 24 pixels at least, as WCAG 2.2 asks; links within text are free. */
async function targets(lab) {
  const opened = await lab.open(PHONE)
  const { app } = opened
  await example(app)
  await app.locator('.finding-head').first().tap()
  const small = await app.evaluate(() =>
    [...document.querySelectorAll('button, input, select, summary')]
      .filter(one => one.checkVisibility() && !one.matches('.link, .place, .address, .drop input'))
      .map(one => ({
        label: one.getAttribute('aria-label') ?? one.textContent ?? '',
        box: one.getBoundingClientRect(),
      }))
      .filter(({ box }) => box.height > 0 && (box.height < 24 || box.width < 24))
      .map(({ label, box }) => `${label.trim()} ${Math.round(box.width)}x${Math.round(box.height)}`),
  )
  equal(small.join('; '), '')
}

async function tablet(lab) {
  const opened = await lab.open({ viewport: { width: 820, height: 1180 } })
  await example(opened.app)
  await fits(opened.app, 'tablet')
  await lab.picture(opened, 'tablet')
  lab.quiet(opened)
}

export default {
  'the whole way on a phone': journey,
  'large enough for fingers': targets,
  'a tablet': tablet,
}
