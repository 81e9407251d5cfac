/**
 * Names of files come from archives and folders that nobody vouches for. Here they become keys of
 * a virtual tree: no name leaves it, and none looks like another.
 */

const LONGEST = 1024

/** A name that can do no harm, or `null` when nothing of it is left. */
export function cleanPath(name: string): string | null {
  const absolute = /^(?:[A-Za-z]:)?[\\/]/.test(name)
  const parts: string[] = []
  // Programs on Windows write archives with backslashes.
  const separator = name.includes('/') ? '/' : /[\\/]/
  for (const part of name.split(separator)) {
    if (part === '' || part === '.' || /^[A-Za-z]:$/.test(part)) continue
    if (part === '..') parts.pop()
    else parts.push(visible(part))
  }
  if (parts.length === 0) return null
  return ((absolute ? '/' : '') + parts.join('/')).slice(0, LONGEST)
}

/** Letters that cannot be seen, or that turn the order of others round, as their numbers. */
export function visible(text: string): string {
  return text.toWellFormed().replace(UNSEEN, letter => {
    const number = (letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
    return `\\u{${number}}`
  })
}

const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** The path below `/` that the core makes of any path. */
export function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** The target of a link, seen from the folder that the link is in. */
export function resolveLink(link: string, target: string): string | null {
  if (target.startsWith('/')) return cleanPath(target)
  const joined = cleanPath(`${folderOf(link)}/${target}`)
  return joined && (link.startsWith('/') ? absolute(joined) : joined.replace(/^\//, ''))
}

/** `path`, or the first `path-2`, `path-3` … that is free. */
export function freePath(path: string, taken: (path: string) => boolean): string {
  if (!taken(path)) return path
  const dot = path.lastIndexOf('.')
  const cut = dot > path.lastIndexOf('/') + 1 ? dot : path.length
  for (let number = 2; ; number += 1) {
    const other = `${path.slice(0, cut)}-${number}${path.slice(cut)}`
    if (!taken(other)) return other
  }
}
