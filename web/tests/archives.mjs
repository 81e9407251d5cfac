// Folders and archives, honest and hostile ones.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

import { longName, tar, tarEntries, zip } from './lib/archives.mjs'
import { downloaded, equal, match, ok, text } from './lib/check.mjs'
import { drop, give, giveFolder } from './lib/give.mjs'

const NGINX = 'events {}\nhttp {\n  include /etc/nginx/sites-enabled/*;\n}\n'
const SITE =
  'server {\n  listen 80;\n  location ~ \\.php$ {\n    include fastcgi_params;\n    fastcgi_pass unix:/run/php.sock;\n  }\n}\n'
const POOL = '[www]\nuser = www-data\nlisten = /run/php.sock\npm = static\npm.max_children = 5\n'

const STACK = [
  { name: 'etc/nginx/nginx.conf', text: NGINX },
  {
    name: 'etc/nginx/fastcgi_params',
    text: 'fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n',
  },
  { name: 'etc/nginx/sites-available/shop.conf', text: SITE },
  { name: 'etc/php/8.2/fpm/php-fpm.conf', text: '[global]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n' },
  { name: 'etc/php/8.2/fpm/pool.d/www.conf', text: POOL },
]
const ENABLED = {
  name: 'etc/nginx/sites-enabled/shop.conf',
  type: '2',
  link: '/etc/nginx/sites-available/shop.conf',
}

async function paths(app) {
  return app.locator('[data-path]').evaluateAll(rows => rows.map(row => row.dataset.path))
}

/** With the link that Debian makes of an enabled site. */
async function tarGz(lab) {
  const opened = await lab.open()
  await give(opened, [{ name: 'stack.tar.gz', text: gzipSync(tar([...STACK, ENABLED])) }])
  const { app, page } = opened
  ok((await paths(app)).includes('/etc/nginx/sites-enabled/shop.conf'), (await paths(app)).join())
  match(await text(app, '.scope'), /1 route to PHP, 1 pool/)
  // An edit of the link is one of its target, and the link stays one on the way out.
  await app.locator('[data-path="/etc/nginx/sites-enabled/shop.conf"] .file').click()
  match(await text(app, '.stage-bar'), /a link to \/etc\/nginx\/sites-available\/shop\.conf/)
  await app.locator('.stage > .editor .cm-content').press('Control+Home')
  await app.locator('.stage > .editor .cm-content').pressSequentially('# edited\n')
  await app.getByRole('button', { name: 'Download', exact: true }).click()
  const taken = await downloaded(page, () => app.getByRole('button', { name: /^Changed files/ }).click())
  const entries = tarEntries(gunzipSync(taken.bytes))
  const byName = Object.fromEntries(entries.map(entry => [entry.name, entry]))
  match(byName['etc/nginx/sites-available/shop.conf'].text, /^# edited\n/)
  equal(byName['etc/nginx/sites-enabled/shop.conf'].link, '/etc/nginx/sites-available/shop.conf')
  lab.quiet(opened)
}

async function zipped(lab) {
  const opened = await lab.open()
  const files = STACK.map((file, index) => ({
    ...file,
    name: `incident\\${file.name.replaceAll('/', '\\')}`,
    stored: index === 0,
  }))
  await give(opened, [{ name: 'stack.zip', text: zip(files) }])
  ok((await paths(opened.app)).includes('/etc/nginx/nginx.conf'), (await paths(opened.app)).join())
  lab.quiet(opened)
}

async function folder(lab) {
  const root = join(lab.scratch, 'folder')
  for (const { name, text } of STACK) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  mkdirSync(join(root, 'etc/nginx/sites-enabled'), { recursive: true })
  symlinkSync('../sites-available/shop.conf', join(root, 'etc/nginx/sites-enabled/shop.conf'))
  writeFileSync(join(root, 'etc/nginx/dhparam.bin'), Buffer.from([0, 1, 2, 0xff]))
  return root
}

async function folders(lab) {
  const root = await folder(lab)
  const chosen = await lab.open()
  await giveFolder(chosen, join(root, 'etc/nginx'))
  ok((await paths(chosen.app)).includes('/etc/nginx/nginx.conf'), (await paths(chosen.app)).join())
  match(await text(chosen.app, '.gaps:not(.refused)'), /dhparam\.bin: it is not text/)
  lab.quiet(chosen)
  for (const address of [lab.http, lab.file]) {
    const opened = await lab.open({ address })
    await drop(opened, [join(root, 'etc')])
    ok(
      (await paths(opened.app)).includes('/etc/php/8.2/fpm/pool.d/www.conf'),
      (await paths(opened.app)).join(),
    )
    match(await text(opened.app, '.scope'), /1 pool/)
    lab.quiet(opened)
  }
}

/** Files and a folder at once: the files are taken, and of the folder it is said how. */
async function mixedDrop(lab) {
  const root = join(lab.scratch, 'mixed')
  mkdirSync(join(root, 'inner'), { recursive: true })
  writeFileSync(join(root, 'nginx.conf'), NGINX)
  writeFileSync(join(root, 'pool.conf'), POOL)
  const opened = await lab.open()
  await drop(opened, [join(root, 'nginx.conf'), join(root, 'pool.conf'), join(root, 'inner')])
  equal((await paths(opened.app)).join(), 'nginx.conf,pool.conf')
  match(await text(opened.app, '.gaps:not(.refused)'), /inner: a folder must be dropped alone/)
  lab.quiet(opened)
}

async function dump(lab) {
  const opened = await lab.open()
  const dumped = `nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n# configuration file /etc/nginx/nginx.conf:\n${NGINX}\n# configuration file /etc/nginx/sites-enabled/shop.conf:\n${SITE}`
  await give(opened, [{ name: 'nginx.txt', text: dumped }])
  equal((await paths(opened.app)).join(), '/etc/nginx/nginx.conf,/etc/nginx/sites-enabled/shop.conf')
  await opened.app.locator('[data-path$="shop.conf"] .file').click()
  match(await text(opened.app, '.stage-bar'), /from nginx\.txt/)
  lab.quiet(opened)
}

/** A few kilobytes that want to be gigabytes, in each way that there is. */
async function bombs(lab) {
  const zeros = Buffer.alloc(80 * 1024 * 1024)
  const many = Array.from({ length: 6000 }, (_, index) => ({ name: `f${index}.conf`, text: 'a=1\n' }))
  const overlapping = zip([{ name: 'a', text: zeros }])
  const cases = [
    ['zeros.gz', gzipSync(zeros), /zeros\.gz: unpacked it is more than/],
    ['zeros.zip', overlapping, /unpacked it is more than/],
    ['many.tar', tar(many), /more than 5000 files/],
    ['many.zip', zip(many), /more than 5000 files/],
    [
      'inner.tar',
      tar([
        { name: 'again.gz', text: gzipSync(zeros) },
        { name: 'nginx.conf', text: NGINX },
      ]),
      /again\.gz: unpacked it is more than/,
    ],
    [
      'nested.tar',
      tar([
        { name: 'more.zip', text: zip([{ name: 'x', text: 'y' }]) },
        { name: 'nginx.conf', text: NGINX },
      ]),
      /more\.zip: it is an archive inside an archive/,
    ],
    [
      'lying.tar',
      tar([
        { name: 'nginx.conf', text: NGINX },
        { name: 'big', text: 'x', size: 8 ** 11 - 1 },
      ]),
      /big: the archive ends in the middle of it/,
    ],
  ]
  for (const [name, bytes, said] of cases) {
    const opened = await lab.open()
    const begin = performance.now()
    await give(opened, [
      { name, text: bytes },
      { name: 'pool.conf', text: POOL },
    ])
    ok(performance.now() - begin < 20_000, `${name} takes no time`)
    await opened.app.waitForSelector('.gaps:not(.refused)', { timeout: 5000 }).catch(async () => {
      throw new Error(`${name}: ${await text(opened.app, '#app')}`)
    })
    const more = opened.app.locator('.gaps:not(.refused) summary')
    if (await more.isVisible()) await more.click()
    match(await text(opened.app, '.gaps:not(.refused)'), said, name)
    lab.quiet(opened)
    await lab.clean()
  }
}

/** Damaged, encrypted, packed in ways that browsers do not know: left out, and said. */
async function broken(lab) {
  const opened = await lab.open()
  const good = zip([{ name: 'nginx.conf', text: NGINX }])
  await give(opened, [
    { name: 'cut.zip', text: good.subarray(0, good.length - 30) },
    { name: 'sum.zip', text: zip([{ name: 'sum.conf', text: NGINX, sum: 1 }]) },
    { name: 'secret.zip', text: zip([{ name: 'secret.conf', text: NGINX, flags: 0x0801 }]) },
    { name: 'x.tar.xz', text: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1]) },
    { name: 'cut.gz', text: gzipSync(Buffer.from(NGINX)).subarray(0, 20) },
    { name: 'pool.conf', text: POOL },
  ])
  const { app } = opened
  const more = app.locator('.gaps:not(.refused) summary')
  if (await more.isVisible()) await more.click()
  const said = await text(app, '.gaps:not(.refused)')
  for (const part of [
    /cut\.zip: it has no directory/,
    /sum\.conf: it is damaged/,
    /secret\.conf: it is encrypted/,
    /packed with xz/,
    /cut\.gz: it is damaged/,
  ])
    match(said, part)
  equal((await paths(app)).join(), 'pool.conf')
  lab.quiet(opened)
}

/** Names that would leave a folder, or look like another, stay keys of the tree. */
async function names(lab) {
  const opened = await lab.open()
  const long = `etc/${'long-'.repeat(60)}.conf`
  await give(opened, [
    {
      name: 'hostile.tar',
      text: tar([
        { name: '../../../../etc/shadow.conf', text: NGINX },
        { name: '/etc/nginx/<img src=x onerror=alert(1)>.conf', text: NGINX },
        { name: 'a\u202Efnoc.conf', text: NGINX },
        { name: 'etc/link.conf', type: '2', link: '../../../../../../etc/passwd' },
        { name: 'etc/self.conf', type: '2', link: 'self.conf' },
        { name: 'etc/device', type: '3' },
        ...longName(long, NGINX),
        { name: 'same.conf', text: 'events {}\n' },
        { name: './same.conf', text: 'events { }\n' },
      ]),
    },
  ])
  const { app } = opened
  const all = await paths(app)
  ok(all.includes('etc/shadow.conf'), all.join())
  ok(all.includes('/etc/nginx/<img src=x onerror=alert(1)>.conf'))
  ok(all.includes('a\\u{202e}fnoc.conf'))
  ok(all.includes(long))
  ok(all.includes('same.conf') && all.includes('same-2.conf'), 'none hides another')
  equal(await app.locator('img').count(), 0)
  const more = app.locator('.gaps:not(.refused) summary')
  if (await more.isVisible()) await more.click()
  const said = await text(app, '.gaps:not(.refused)')
  match(said, /link\.conf: it is a link to .*etc\/passwd, which was not given/)
  match(said, /device: it is no plain file/)
  lab.quiet(opened)
}

export default {
  'a tar.gz with links': tarGz,
  'a zip from Windows': zipped,
  'folders, chosen and dropped': folders,
  'files and a folder at once': mixedDrop,
  'a dump of nginx -T': dump,
  bombs: bombs,
  'broken and strange archives': broken,
  'hostile names': names,
}
