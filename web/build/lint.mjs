// Looks for ways out in a script. The policy stops nearly all of them, and WebRTC it does not:
// that the script holds none is what makes the rest true.

/** What must not be in the script, and what it could do. */
const FORBIDDEN = [
  [/\bRTC(?:PeerConnection|DataChannel|IceCandidate|SessionDescription)/g, 'WebRTC: no policy covers it'],
  [/\bWebTransport\b/g, 'a connection'],
  [/\bWebSocket(?:Stream)?\b/g, 'a connection'],
  [/\bEventSource\b/g, 'a request'],
  [/\bXMLHttpRequest\b/g, 'a request'],
  [/\bfetch(?:Later)?\s*\(/g, 'a request'],
  [/\bsendBeacon\b/g, 'a request'],
  [/\bXSLTProcessor\b/g, 'a request, and HTML from text'],
  [/\bimportScripts\b/g, 'foreign script'],
  [/\bnew\s+(?:Shared)?Worker\b/g, 'a worker'],
  [/\bserviceWorker\b/g, 'a worker'],
  [/\bWorklet\b/g, 'a worker'],
  [/\bimport\s*\(/g, 'foreign script'],
  [/\bwindow\s*\.\s*open\b/g, 'another window'],
  [/(?<![.\w$])open\s*\((?![^()]*\)\s*\{)/g, 'another window'],
  [
    /createElement\(\s*["'`](?:script|iframe|link|object|embed|base|meta|portal|fencedframe)/g,
    'a way in or out',
  ],
  [/\bshowOpenFilePicker|showSaveFilePicker|showDirectoryPicker\b/g, 'a hold on files of the disk'],
  [/\blocation\b/g, 'another address'],
  [/\bhistory\s*\.\s*(?:pushState|replaceState)\b/g, 'another address'],
  [/\bnavigation\s*\.\s*navigate\b/g, 'another address'],
  [/\beval\b/g, 'text as script'],
  [/\bnew\s+Function\b|\bFunction\s*\(\s*["'`]/g, 'text as script'],
  [/\bset(?:Timeout|Interval)\s*\(\s*["'`]/g, 'text as script'],
  [/\b(?:inner|outer)HTML\b/g, 'text as HTML'],
  [/\binsertAdjacentHTML\b/g, 'text as HTML'],
  [/\bcreateContextualFragment\b/g, 'text as HTML'],
  [/\bDOMParser\b/g, 'text as HTML'],
  [/\bsetHTMLUnsafe\b|\bparseHTMLUnsafe\b/g, 'text as HTML'],
  [/\bdocument\s*\.\s*write(?:ln)?\b/g, 'text as HTML'],
  [/\bsrcdoc\b/g, 'text as HTML'],
  [/\bcreatePolicy\b/g, 'an exception to Trusted Types'],
  [/dns-prefetch|preconnect|prerender|speculationrules/g, 'a look at a name: no policy covers it'],
  [/\bpostMessage\b/g, 'a message to another window'],
  [/\bBroadcastChannel\b/g, 'a message to another window'],
  [/\b(?:local|session)Storage\b|\bindexedDB\b|\bdocument\s*\.\s*cookie\b/g, 'something that stays'],
  [/\bgetAsFileSystemHandle\b/g, 'a crash of the tab in frames without an origin'],
  [/<!--|<\/script/gi, 'the end of the script element'],
  [/this page has no parser/g, 'not a way out, but src/editor/no-language.ts must not be called'],
]

/**
 * Fails with every way out that a script holds. `allowed` are those that it is made of: a text, how
 * often it occurs, and what for.
 */
export function lint(name, script, allowed = []) {
  let rest = script
  for (const [text, times, why] of allowed) {
    const found = rest.split(text).length - 1
    if (found !== times)
      throw new Error(`lint of ${name}: ${JSON.stringify(text)} (${why}) is there ${found} times, not ${times}`)
    rest = rest.replaceAll(text, ' '.repeat(text.length))
  }
  const slips = []
  for (const [pattern, what] of FORBIDDEN) {
    for (const found of rest.matchAll(pattern)) {
      const around = script.slice(Math.max(0, found.index - 60), found.index + 60)
      slips.push(`${found[0]} (${what}): … ${around} …`)
    }
  }
  if (slips.length > 0) throw new Error(`lint of ${name}: ${slips.length} ways out\n${slips.join('\n')}`)
}
