// Texts that want to be more than texts. They are shown, and nothing happens.

import { editorText, equal, match, ok, text } from './lib/check.mjs'
import { give } from './lib/give.mjs'

const MARKUP = `<img src=x onerror="globalThis.owned=1"><script>globalThis.owned=1</script><iframe srcdoc="<script>parent.owned=1</script>"></iframe>`

/** Markup wherever the page shows something of a file: names, values, messages, routes, logs. */
async function markup(lab) {
  const opened = await lab.open()
  const { app } = opened
  await give(opened, [
    {
      name: `nginx.conf`,
      text: `events {}\nhttp {\n  upstream "${MARKUP.replaceAll('"', '\\"')}" { server unix:/run/x.sock; }\n  server {\n    server_name '${MARKUP}';\n    location "/${MARKUP.replaceAll('"', '\\"')}" {\n      # ${MARKUP}\n      fastcgi_param SCRIPT_FILENAME /x;\n      fastcgi_pass "unix:/run/${MARKUP.replaceAll('"', '\\"')}.sock";\n      fastcgi_read_timeout 5s;\n    }\n  }\n}\n`,
    },
    {
      name: `${MARKUP}.conf`.replaceAll('/', '-'),
      text: `[${MARKUP}]\nlisten = /run/x.sock\npm = static\npm.max_children = ${MARKUP}\n`,
    },
    {
      name: 'error.log',
      text: `2026/11/22 03:06:00 [error] 8#8: *1 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 203.0.113.1, server: ${MARKUP}, request: "GET /${MARKUP.replaceAll('"', '')} HTTP/1.1", upstream: "fastcgi://unix:/run/x.sock", host: "${MARKUP.replaceAll('"', '')}"\n`,
    },
  ])
  for (const view of ['findings', 'chain', 'fix', 'logs', 'redact', 'findings']) {
    await app.locator(`#tab-${view}`).click()
    await app.waitForTimeout(100)
    for (const head of await app.locator(`#panel-${view} .finding-head, #panel-${view} summary`).all())
      await head.click()
  }
  equal(await app.evaluate(() => globalThis.owned), undefined)
  equal(await app.locator('#app img, #app script, #app iframe').count(), 0, 'nothing of it is an element')
  match(await text(app, '.files'), /<img src=x onerror/, 'it is shown')
  lab.quiet(opened)
}

/** Letters that hide, or turn others round. */
async function unseen(lab) {
  const opened = await lab.open()
  const { app } = opened
  const strange =
    'events {}\nhttp {\n  # \u202Edeny all;\u202C \u0000 \u200Bzero \uFEFF\n  server { server_name a\u202Eb; location ~ x { fastcgi_pass unix:/run/a\u202Eb.sock; } }\n}\n'
  await give(opened, [{ name: 'nginx\u202E.conf', text: strange }])
  equal(await editorText(app), strange, 'not a letter of the text is lost')
  const shown = await app.locator('.files, .verdict, #panel-findings').allInnerTexts()
  ok(
    !/[\u202A-\u202E\u2066-\u2069\u0000]/.test(shown.join()),
    'what turns letters round is shown by its number',
  )
  match(shown.join(), /nginx\\u\{202e\}\.conf/)
  const marked = await app.locator('.stage > .editor .cm-specialChar').count()
  ok(marked >= 3, 'and marked in the text')
  lab.quiet(opened)
}

/** Line ends of any kind, and bytes that are no UTF-8, come back as they were. */
async function bytes(lab) {
  const opened = await lab.open()
  const { app } = opened
  const latin = Buffer.from('events {}\n# Gr\xfc\xdfe \x80\xff\nhttp {}\n', 'latin1')
  const windows = 'events {}\r\nhttp {\r\n}\r\n'
  const mixed = 'events {}\r\nhttp {\n}\r'
  await give(opened, [
    { name: 'latin.conf', text: latin },
    { name: 'windows.conf', text: windows },
    { name: 'mixed.conf', text: mixed },
  ])
  await app.locator('[data-path="latin.conf"] .file').click()
  match(await text(app, '.stage-bar'), /not UTF-8/)
  for (const [name, expected] of [
    ['windows', windows],
    ['mixed', mixed],
    ['latin', latin.toString('latin1')],
  ]) {
    await app.locator(`[data-path="${name}.conf"] .file`).click()
    const editor = app.locator('.stage > .editor .cm-content')
    await editor.press('Control+Home')
    await editor.pressSequentially('x')
    await editor.press('Control+z')
    const [download] = await Promise.all([
      opened.page.waitForEvent('download'),
      (async () => {
        await app.locator(`[data-path="${name}.conf"] .has-menu button`).first().click()
        await app.locator('.menu:popover-open').getByRole('button', { name: 'Download' }).click()
      })(),
    ])
    const chunks = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk)
    equal(Buffer.concat(chunks).toString('latin1'), expected, name)
  }
  lab.quiet(opened)
}

/** Lines of a megabyte, a hundred thousand braces, ten thousand lines. */
async function large(lab) {
  const opened = await lab.open()
  const { app } = opened
  const begin = performance.now()
  await give(opened, [
    { name: 'long.conf', text: `events {}\nhttp { set $a "${'x'.repeat(1_000_000)}"; }\n` },
    { name: 'deep.conf', text: '{'.repeat(100_000) },
    { name: 'many.conf', text: `events {}\nhttp {\n${'  server { listen 80; }\n'.repeat(10_000)}}\n` },
    { name: 'long.log', text: `2026/11/22 03:06:00 [error] 8#8: *1 ${'y'.repeat(1_000_000)}\n` },
  ])
  for (const name of ['long.conf', 'deep.conf', 'many.conf', 'long.log']) {
    await app.locator(`[data-path="${name}"] .file`).click()
    await app.locator('.stage > .editor .cm-content').press('Control+End')
  }
  for (const view of ['chain', 'fix', 'logs', 'redact', 'findings']) await app.locator(`#tab-${view}`).click()
  ok(performance.now() - begin < 60_000)
  lab.quiet(opened)
}

/** Empty, blank, and a picture. */
async function nothing(lab) {
  const opened = await lab.open()
  const { app } = opened
  await give(opened, [{ name: 'photo.jpg', text: Buffer.from([0xff, 0xd8, 0, 1, 2]) }])
  match(await text(app, '.welcome .note'), /photo\.jpg: it is not text/)
  await give(opened, [
    { name: 'empty.conf', text: '' },
    { name: 'notes.txt', text: 'call Anna about the shop\n' },
  ])
  match(await text(app, '.gaps:not(.refused)'), /notes\.txt.*neither configuration nor a log/)
  match(await text(app, '.gaps:not(.refused)'), /no route to PHP-FPM/)
  ok(!/clean|all good|healthy/i.test(await text(app, '#app')), 'never well of what was not read')
  lab.quiet(opened)
}

export default {
  'markup everywhere': markup,
  'letters that cannot be seen': unseen,
  'bytes come back as they were': bytes,
  'large texts': large,
  'nothing to read': nothing,
}
