/** Light or dark: what the system prefers, until somebody chooses. */

/** Turns to the other one and says its name. It is not kept: this page can store nothing. */
export function flipTheme(): 'light' | 'dark' {
  const root = document.documentElement
  const dark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = dark ? 'light' : 'dark'
  return dark ? 'light' : 'dark'
}
