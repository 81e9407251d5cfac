// What a person does at 3 in the morning, from the first look to the file to take away.

import { gunzipSync } from 'node:zlib'

import { clipboard, downloaded, editorText, equal, example, match, ok, text } from './lib/check.mjs'
import { tar, tarNames, tarText } from './lib/archives.mjs'
import { give } from './lib/give.mjs'

/** The same way over HTTP and from the disk. */
async function journey(lab, address, name) {
  const opened = await lab.open({ address })
  const { page, app, context } = opened
  await lab.picture(opened, `${name}-welcome`)
  match(await text(app, '.promise'), /Nothing leaves this page/)

  // Findings of the example, and the place of the first in the text.
  await example(app)
  match(await text(app, '.tally'), /3 errors 3 warnings/)
  equal(await app.locator('.finding').count(), 6)
  const first = app.locator('.finding-head').first()
  await first.click()
  equal(await first.getAttribute('aria-expanded'), 'true')
  match(await text(app, '.finding-body'), /Because .*fastcgi_read_timeout.* is 120s.*What to do/)
  match(await text(app, '.stage-bar'), /shop\.conf/)
  await lab.picture(opened, `${name}-findings`)

  // A because-step leads to another file.
  await app.locator('.because .place', { hasText: 'php.ini' }).first().click()
  match(await text(app, '.stage-bar'), /php\.ini/)

  // The page of the rule.
  await app
    .getByRole('button', { name: /Why it matters/ })
    .first()
    .click()
  match(await text(app, 'dialog'), /A script may compute longer than nginx waits/)
  await page.keyboard.press('Escape')

  // One fix: looked at, applied, undone.
  await app.getByRole('button', { name: 'Show the change' }).first().click()
  match(await text(app, '.diff-table'), /120s.*305s/)
  await lab.picture(opened, `${name}-change`)
  await app.locator('.stage-bar').getByRole('button', { name: 'Apply' }).click()
  match(await text(app, '.tally'), /2 errors/)
  await app.getByRole('button', { name: /^Undo/ }).click()
  match(await text(app, '.tally'), /3 errors/)

  // All fixes; what is unsafe is seen before.
  await app.locator('#tab-fix').click()
  await app.waitForSelector('.plan')
  const safe = await app.locator('.plan > li').count()
  await app.locator('#unsafe').check()
  ok((await app.locator('.plan > li').count()) > safe, 'unsafe edits come in addition')
  await app.getByRole('button', { name: /^Apply all/ }).click()
  match(await text(app, '.stage'), /[Uu]nsafe edits are part of this plan/)
  await app.getByLabel('Changed file').selectOption({ index: 1 })
  const second = await app.getByLabel('Changed file').inputValue()
  match(
    await app.locator('.diff-table').getAttribute('aria-label'),
    new RegExp(`Change of ${second}: .* lines put`),
  )
  await app.getByRole('button', { name: 'Not now' }).click()
  await app.locator('#unsafe').uncheck()
  await lab.picture(opened, `${name}-fix`)
  await app.getByRole('button', { name: /^Apply all/ }).click()
  await app.waitForFunction(() => !document.querySelector('.tally')?.textContent?.includes('3 errors'))

  // The ladders, as a drawing and as a table.
  await app.locator('#tab-chain').click()
  await app.waitForSelector('.ladders .ladder')
  match(
    await app.locator('.ladders .ladder').first().getAttribute('aria-label'),
    /a waiting script: 504 after/,
  )
  await app.locator('.ladder-card summary').first().click()
  match(await text(app, '.ladder-card table'), /fastcgi_read_timeout .*a waiting script/)
  await lab.picture(opened, `${name}-chain`)

  // What was changed, to take away.
  await app.getByRole('button', { name: 'Download', exact: true }).click()
  const taken = await downloaded(page, () => app.getByRole('button', { name: /^Changed files/ }).click())
  equal(taken.name, 'badgateway-changed.tar.gz')
  const names = tarNames(gunzipSync(taken.bytes))
  ok(names.includes('etc/nginx/sites-enabled/shop.conf'), names.join())
  match(tarText(gunzipSync(taken.bytes), 'etc/nginx/sites-enabled/shop.conf'), /fastcgi_read_timeout 305s/)

  await app.locator('[data-path$="shop.conf"] .has-menu button').first().click()
  await app.getByRole('button', { name: /^Copy its text/ }).click()
  match(await clipboard(context, page), /server_name shop\.example/)
  lab.quiet(opened)
}

/** Redacted, looked at, shown, edited and put back. */
async function redaction(lab) {
  const opened = await lab.open()
  const { app, page, context } = opened
  await example(app)
  await app.locator('#tab-redact').click()
  await app.waitForSelector('.secrets li')
  const redacted = await editorText(app, '.editor-column .editor')
  ok(!redacted.includes('shop.example'), 'the name of the host is hidden')
  const before = await app.locator('.secrets > li').count()
  await lab.picture(opened, 'redact')
  await app.getByRole('button', { name: 'Copy this file' }).click()
  equal(await clipboard(context, page), redacted)

  await app
    .getByRole('button', { name: /^Show this/ })
    .first()
    .click()
  equal(await app.locator('.secrets > li').count(), before - 1)
  match(await text(app, '.note.warning'), /1 value shown because you asked for it/)
  await app.getByRole('button', { name: 'Hide again' }).click()
  equal(await app.locator('.secrets > li').count(), before)

  await app.locator('#identity').uncheck()
  ok((await app.locator('.secrets > li').count()) < before, 'identity is a switch of its own')
  await app.locator('#identity').check()

  // An edit of the redacted text comes back with the values in it.
  await app.locator('.editor-column .cm-content').press('Control+Home')
  await app.locator('.editor-column .cm-content').pressSequentially('# edited elsewhere\n')
  await app.getByRole('button', { name: 'Put the values back …' }).click()
  match(await text(app, '.diff-table'), /edited elsewhere/)
  ok(!(await text(app, '.diff-table')).includes('− '), 'nothing but the edit differs')
  await app.locator('.stage-bar').getByRole('button', { name: 'Apply' }).click()
  await app.locator('#tab-findings').click()
  match(await editorText(app), /^# edited elsewhere\n[^]*server_name shop\.example;/)

  // A placeholder that nobody gave out is not guessed at.
  await app.locator('#tab-redact').click()
  await app.locator('.secrets .place', { hasText: 'host-' }).first().click()
  await app.locator('.editor-column .cm-content').press('End')
  await app.locator('.editor-column .cm-content').pressSequentially(' BGSECRET_999')
  await app.getByRole('button', { name: 'Put the values back …' }).click()
  match(await text(app, '.stage .note.warning'), /Not everything fits: BGSECRET_999 was never given out/)
  lab.quiet(opened)
}

/** A night of failures, with the configuration and without. */
async function night(lab) {
  const opened = await lab.open()
  const { app, page } = opened
  await example(app, true)
  const oom = app.locator('[data-cause="worker-oom-killed"]')
  match(await oom.innerText(), /certain[^]*9 times/)
  await lab.picture(opened, 'logs')
  await oom.locator('.evidence .place').first().click()
  match(await text(app, '.stage-bar'), /error\.log/)
  await app.locator('#tab-logs').click()
  const report = await downloaded(page, () => app.getByRole('button', { name: 'Download as a page' }).click())
  match(report.bytes.toString(), /out of memory/)
  await app.getByText('Add log lines').click()
  await app
    .locator('#log-lines')
    .fill(
      '2026/11/22 03:20:00 [error] 811#811: *5000 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 203.0.113.9, server: shop.example, request: "GET /slow.php HTTP/1.1", upstream: "fastcgi://unix:/var/run/php/php8.2-fpm.sock", host: "shop.example"',
    )
  await app.getByRole('button', { name: 'Add these lines' }).click()
  await app.waitForFunction(() => document.querySelector('#panel-logs')?.textContent?.includes('/slow.php'))
  lab.quiet(opened)
}

/** What is missing is said, and given. */
async function facts(lab) {
  const opened = await lab.open()
  const { app } = opened
  await example(app)
  match(await text(app, '.gaps:not(.refused)'), /2 rules could not judge .*machine's memory/)
  await app.getByRole('button', { name: 'Give facts about the machine' }).click()
  await app.locator('.stage > .editor .cm-content').press('Control+End')
  await app.locator('.stage > .editor .cm-content').press('Control+Home')
  await app.locator('.stage > .editor .cm-content').pressSequentially('memory = "1G"\nsomaxconn = 128\n')
  await app.waitForFunction(() => !document.querySelector('.gaps')?.textContent?.includes('could not judge'))
  lab.quiet(opened)
}

/** A file that no server includes is not passed over in silence. */
async function unread(lab) {
  const opened = await lab.open()
  const { app } = opened
  await example(app)
  const site = { name: 'etc/nginx/sites-available/left-over.conf', text: 'server {\n  listen 81;\n}\n' }
  await give(opened, [{ name: 'more.tar', text: tar([site]) }])
  match(await text(app, '.gaps:not(.refused)'), /1 file read by nothing/)
  lab.quiet(opened)
}

/** The name of a service between containers: a person says which pool it is. */
async function maps(lab) {
  const opened = await lab.open()
  const { app } = opened
  await give(opened, [
    {
      name: 'nginx.conf',
      text: 'events {}\nhttp {\n  server {\n    location / {\n      fastcgi_param SCRIPT_FILENAME /x.php;\n      fastcgi_pass php:9000;\n    }\n  }\n}\n',
    },
    { name: 'www.conf', text: '[www]\nuser = www\nlisten = 9000\npm = static\npm.max_children = 5\n' },
  ])
  await app.getByRole('button', { name: 'Say which pool answers' }).click()
  await app.getByLabel('The pool at php:9000 is').fill('www')
  await app.getByRole('button', { name: 'Say so' }).click()
  match(await text(app, '.ladder-card .target'), /pool www/)
  await app.getByRole('button', { name: 'Forget php:9000=www' }).click()
  match(await text(app, '.ladder-card'), /Which pool answers is not known/)
  lab.quiet(opened)
}

/** Pasted, and told apart by what it is. */
async function paste(lab) {
  const opened = await lab.open()
  const { app, page, context } = opened
  await app.getByRole('button', { name: 'Paste or type a text' }).click()
  await app.locator('#pasted').fill('[www]\nlisten = 127.0.0.1:9000\npm = static\npm.max_children = 5\n')
  await app.getByRole('button', { name: 'Add', exact: true }).click()
  match(await text(app, '.files'), /pool\.conf PHP-FPM, pool/)
  // By Ctrl+V anywhere on the page.
  const source = await context.newPage()
  await source.goto('data:text/html,<textarea></textarea>')
  await source.fill(
    'textarea',
    'events {}\nhttp { server { location ~ x { fastcgi_pass 127.0.0.1:9000; } } }\n',
  )
  await source.focus('textarea')
  await source.keyboard.press('Control+A')
  await source.keyboard.press('Control+C')
  await source.close()
  await page.bringToFront()
  await app.locator('.files h2').click()
  await page.keyboard.press('Control+V')
  await app.waitForFunction(() => document.querySelector('.files')?.textContent?.includes('pasted.conf'))
  match(await text(app, '.scope'), /1 route to PHP, 1 pool/)
  lab.quiet(opened)
}

/** Renamed, removed, brought back. */
async function tree(lab) {
  const opened = await lab.open()
  const { app } = opened
  await example(app)
  const row = app.locator('[data-path="/etc/php/8.2/fpm/pool.d/www.conf"]')
  await row.locator('.has-menu button').first().click()
  await app.getByRole('button', { name: /^Rename or move/ }).click()
  await app.locator('#rename').fill('/etc/php/8.2/fpm/pool.d/shop.conf')
  await app.getByRole('button', { name: 'Rename', exact: true }).click()
  equal(await app.locator('[data-path="/etc/php/8.2/fpm/pool.d/shop.conf"]').count(), 1)
  await app.locator('[data-path$="/shop.conf"] .has-menu button').last().click()
  await app.getByRole('button', { name: /^Remove/ }).click()
  equal(await app.locator('[data-path="/etc/php/8.2/fpm/pool.d/shop.conf"]').count(), 0)
  match(await text(app, '.scope'), /0 pools/)
  await app.getByRole('button', { name: /^Undo: removed/ }).click()
  await app.getByRole('button', { name: /^Undo: renamed/ }).click()
  match(await text(app, '.scope'), /1 pool/)
  lab.quiet(opened)
}

/** Over plain HTTP browsers keep their clipboard from pages; there is a second way. */
async function plainCopy(lab) {
  const opened = await lab.open({ address: lab.plain })
  const { app, page, context } = opened
  equal(await app.evaluate(() => isSecureContext), false)
  await example(app)
  await app.locator('[data-path$="shop.conf"] .has-menu button').first().click()
  await app.getByRole('button', { name: /^Copy its text/ }).click()
  match(await clipboard(context, page), /server_name shop\.example/)
  lab.quiet(opened)
}

async function proof(lab, address) {
  const opened = await lab.open({ address })
  const { app } = opened
  await app.getByRole('button', { name: /see the proof/ }).click()
  await app.waitForFunction(() => document.querySelectorAll('dialog table tbody tr').length > 12)
  const said = await text(app, 'dialog')
  match(said, /core can call outside of itself ✓ 0/)
  match(said, /Requests that this page has made ✓ 0/)
  match(said, /had to refuse ✓ 0/)
  equal((said.match(/✓ the policy names it/g) ?? []).length, 2)
  ok(!said.includes('✗'), said)
  await lab.picture(opened, 'proof')
  lab.quiet(opened)
}

export default {
  'the whole way over http': lab => journey(lab, lab.http, 'http'),
  'the whole way from the disk': lab => journey(lab, lab.file, 'file'),
  'redacted and put back': redaction,
  'a bad night': night,
  'facts about the machine': facts,
  'a file that nothing includes': unread,
  'the pool of a name': maps,
  paste: paste,
  'rename, remove, undo': tree,
  'the proof': lab => proof(lab, lab.http),
  'the proof, over plain http': lab => proof(lab, lab.plain),
  'copy, over plain http': plainCopy,
}
