// Where each courier goes. The origin stands in its policy and nowhere else: its script reads it
// from there.

export const ORIGINS = {
  anthropic: 'https://api.anthropic.com',
  openai: 'https://api.openai.com',
  gemini: 'https://generativelanguage.googleapis.com',
  openrouter: 'https://openrouter.ai',
  // Whoever serves the pages puts another one in its place: README.md, "How they are served".
  local: 'http://127.0.0.1:11434',
}

/** Fails when an origin stands in its page anywhere else, or not at all. */
export function once(name, html, origin) {
  const times = html.split(origin).length - 1
  if (times !== 1) throw new Error(`${name}: ${origin} stands in it ${times} times, not once`)
}
