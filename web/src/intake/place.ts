/**
 * Where dropped files belong. Includes name absolute paths, but a folder that is dropped has lost
 * the path above it: `nginx/nginx.conf` must become `/etc/nginx/nginx.conf` again.
 */

import { baseName, folderOf } from '../paths'

export interface Placed {
  readonly path: (path: string) => string
  /** What was done and why, for people; absent when nothing was done. */
  readonly note?: string
}

export function place(texts: ReadonlyMap<string, string>): Placed {
  const paths = [...texts.keys()]
  return systemRoot(paths) ?? nginxFolder(texts) ?? phpFolder(paths) ?? { path: path => path }
}

/** `incident/web1/etc/nginx/nginx.conf`: what is above `etc` is nothing that a server knows. */
function systemRoot(paths: readonly string[]): Placed | undefined {
  const roots = new Set<string>()
  for (const path of paths) {
    const found = /^(?<root>(?:.*?\/)?)etc\/(?:nginx|php[\w.-]*)\//.exec(path)
    if (found) roots.add(found.groups?.root ?? '')
  }
  const [root] = roots
  if (root === undefined || roots.size > 1 || root === '/') return undefined
  return moved(root, '/')
}

/** The includes of nginx.conf say where its folder was. */
function nginxFolder(texts: ReadonlyMap<string, string>): Placed | undefined {
  const mains = [...texts].filter(([path]) => baseName(path) === 'nginx.conf')
  const [main] = mains
  if (!main || mains.length > 1 || main[0].startsWith('/')) return undefined
  const folder = folderOf(main[0])
  if (folder === '') return undefined
  const inside = [...texts.keys()]
    .filter(path => path.startsWith(`${folder}/`))
    .map(path => path.slice(folder.length + 1))
  const votes = new Map<string, number>()
  for (const [, target = ''] of main[1].matchAll(/^\s*include\s+"?(\/[^\s;"]+)/gm)) {
    const root = rootOf(target, inside)
    if (root) votes.set(root, (votes.get(root) ?? 0) + 1)
  }
  const [best] = [...votes].sort((a, b) => b[1] - a[1])
  if (best) return moved(`${folder}/`, `${best[0]}/`)
  return baseName(folder) === 'nginx' ? moved(`${folder}/`, '/etc/nginx/') : undefined
}

/** `/etc/nginx` for `/etc/nginx/conf.d/*.conf`, when there is a folder `conf.d`. */
function rootOf(target: string, inside: readonly string[]): string | undefined {
  const wanted = folderOf(target)
  for (const path of inside) {
    const folder = folderOf(path)
    if (folder && wanted.endsWith(`/${folder}`)) return wanted.slice(0, -folder.length - 1)
    if (target.endsWith(`/${path}`)) return target.slice(0, -path.length - 1)
  }
  return undefined
}

function phpFolder(paths: readonly string[]): Placed | undefined {
  const [first = ''] = paths
  const top = first.slice(0, first.indexOf('/') + 1)
  if (!/^php[\w.-]*\/$/.test(top) || !paths.every(path => path.startsWith(top))) return undefined
  return moved('', '/etc/')
}

function moved(from: string, to: string): Placed {
  const path = (old: string): string => (old.startsWith(from) ? to + old.slice(from.length) : old)
  // That `etc/nginx` is `/etc/nginx` surprises nobody.
  if (from === '') return { path }
  const name = (folder: string): string => folder.replace(/(.)\/$/, '$1')
  return { path, note: `${name(from)} is taken for ${name(to)} of the server` }
}
