// Every way out of a page that is known, each as a function for script in it.
//
// What is new in browsers is added here: a way that nobody tries is a way that nobody knows.

/** Each gets the port of its listener. They run in the page, so that they are given as text. */
export const WAYS = {
  fetch: port => fetch(`http://127.0.0.1:${port}/`),
  'fetch, no-cors': port => fetch(`http://127.0.0.1:${port}/`, { mode: 'no-cors' }),
  'fetch, keepalive post': port =>
    fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x', keepalive: true, mode: 'no-cors' }),
  fetchLater: port => globalThis.fetchLater?.(`https://127.0.0.1:${port}/`, { activateAfter: 0 }),
  XMLHttpRequest: port => {
    const request = new XMLHttpRequest()
    request.open('GET', `http://127.0.0.1:${port}/`)
    request.send()
  },
  sendBeacon: port => navigator.sendBeacon(`http://127.0.0.1:${port}/`, 'x'),
  WebSocket: port => new WebSocket(`ws://127.0.0.1:${port}/`),
  WebSocketStream: port => globalThis.WebSocketStream && new WebSocketStream(`ws://127.0.0.1:${port}/`),
  EventSource: port => new EventSource(`http://127.0.0.1:${port}/`),
  WebTransport: port => new WebTransport(`https://127.0.0.1:${port}/`),
  image: port => {
    new Image().src = `http://127.0.0.1:${port}/`
  },
  'image with srcset': port => {
    const image = document.createElement('img')
    image.srcset = `http://127.0.0.1:${port}/ 1x`
    document.body.append(image)
  },
  'image in SVG': port => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    const image = document.createElementNS('http://www.w3.org/2000/svg', 'image')
    image.setAttribute('href', `http://127.0.0.1:${port}/`)
    svg.append(image)
    document.body.append(svg)
  },
  'use in SVG': port => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
    use.setAttribute('href', `http://127.0.0.1:${port}/x.svg#x`)
    svg.append(use)
    document.body.append(svg)
  },
  icon: port => {
    const link = Object.assign(document.createElement('link'), {
      rel: 'icon',
      href: `http://127.0.0.1:${port}/`,
    })
    document.head.append(link)
  },
  script: port => {
    const script = document.createElement('script')
    script.src = `http://127.0.0.1:${port}/`
    document.body.append(script)
  },
  'module script': port => {
    const script = Object.assign(document.createElement('script'), { type: 'module' })
    script.src = `http://127.0.0.1:${port}/`
    document.body.append(script)
  },
  'inline script': port => {
    const script = document.createElement('script')
    script.append(`fetch('http://127.0.0.1:${port}/')`)
    document.body.append(script)
  },
  'dynamic import': port => import(`http://127.0.0.1:${port}/x.js`),
  worker: port => new Worker(`http://127.0.0.1:${port}/`),
  'worker of a blob': port =>
    new Worker(URL.createObjectURL(new Blob([`fetch('http://127.0.0.1:${port}/')`]))),
  'shared worker': port =>
    new SharedWorker(URL.createObjectURL(new Blob([`fetch('http://127.0.0.1:${port}/')`]))),
  'service worker': port => navigator.serviceWorker.register(`http://127.0.0.1:${port}/`),
  'paint worklet': port => CSS.paintWorklet.addModule(`http://127.0.0.1:${port}/`),
  'audio worklet': port => new AudioContext().audioWorklet.addModule(`http://127.0.0.1:${port}/`),
  stylesheet: port => {
    const link = Object.assign(document.createElement('link'), {
      rel: 'stylesheet',
      href: `http://127.0.0.1:${port}/`,
    })
    document.head.append(link)
  },
  'style element with @import': port => {
    const style = document.createElement('style')
    style.append(`@import 'http://127.0.0.1:${port}/';`)
    document.head.append(style)
  },
  'constructed sheet with url()': port => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`body { background: url(http://127.0.0.1:${port}/) }`)
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  },
  'style property with url()': port => {
    document.body.style.backgroundImage = `url(http://127.0.0.1:${port}/)`
  },
  'cursor with url()': port => {
    document.body.style.cursor = `url(http://127.0.0.1:${port}/), auto`
  },
  'list image with url()': port => {
    document.body.style.listStyleImage = `url(http://127.0.0.1:${port}/)`
  },
  font: port => new FontFace('x', `url(http://127.0.0.1:${port}/)`).load(),
  prefetch: port => {
    const link = Object.assign(document.createElement('link'), {
      rel: 'prefetch',
      href: `http://127.0.0.1:${port}/`,
    })
    document.head.append(link)
  },
  preload: port => {
    const link = Object.assign(document.createElement('link'), {
      rel: 'preload',
      as: 'image',
      href: `http://127.0.0.1:${port}/`,
    })
    document.head.append(link)
  },
  'module preload': port => {
    const link = Object.assign(document.createElement('link'), {
      rel: 'modulepreload',
      href: `http://127.0.0.1:${port}/`,
    })
    document.head.append(link)
  },
  manifest: port => {
    const link = Object.assign(document.createElement('link'), {
      rel: 'manifest',
      href: `http://127.0.0.1:${port}/`,
    })
    document.head.append(link)
  },
  'speculation rules': port => {
    const script = Object.assign(document.createElement('script'), { type: 'speculationrules' })
    script.append(
      JSON.stringify({
        prefetch: [{ urls: [`http://127.0.0.1:${port}/`], eagerness: 'immediate' }],
        prerender: [{ urls: [`http://127.0.0.1:${port}/`], eagerness: 'immediate' }],
      }),
    )
    document.head.append(script)
  },
  audio: port => {
    document.body.append(
      Object.assign(document.createElement('audio'), { src: `http://127.0.0.1:${port}/`, preload: 'auto' }),
    )
  },
  video: port => {
    document.body.append(
      Object.assign(document.createElement('video'), { src: `http://127.0.0.1:${port}/`, preload: 'auto' }),
    )
  },
  'poster of a video': port => {
    document.body.append(
      Object.assign(document.createElement('video'), { poster: `http://127.0.0.1:${port}/` }),
    )
  },
  'track of a video': port => {
    const video = document.createElement('video')
    video.append(
      Object.assign(document.createElement('track'), {
        src: `http://127.0.0.1:${port}/`,
        default: true,
        kind: 'captions',
      }),
    )
    document.body.append(video)
    if (video.textTracks[0]) video.textTracks[0].mode = 'showing'
  },
  object: port => {
    document.body.append(
      Object.assign(document.createElement('object'), { data: `http://127.0.0.1:${port}/` }),
    )
  },
  embed: port => {
    const embed = document.createElement('embed')
    embed.src = `http://127.0.0.1:${port}/`
    document.body.append(embed)
  },
  frame: port => {
    document.body.append(
      Object.assign(document.createElement('iframe'), { src: `http://127.0.0.1:${port}/` }),
    )
  },
  'frame, then its address': port => {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    frame.contentWindow.location.href = `http://127.0.0.1:${port}/`
  },
  'fetch of an empty frame': port => {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    return frame.contentWindow.fetch(`http://127.0.0.1:${port}/`)
  },
  form: port => {
    const form = Object.assign(document.createElement('form'), {
      action: `http://127.0.0.1:${port}/`,
      method: 'post',
    })
    document.body.append(form)
    form.submit()
  },
  'form to a new window': port => {
    const form = Object.assign(document.createElement('form'), {
      action: `http://127.0.0.1:${port}/`,
      target: '_blank',
    })
    document.body.append(form)
    form.requestSubmit()
  },
  'window.open': port => window.open(`http://127.0.0.1:${port}/`),
  'window.open over itself': port => window.open(`http://127.0.0.1:${port}/`, '_self'),
  'window.open over the top': port => window.open(`http://127.0.0.1:${port}/`, '_top'),
  'location =': port => {
    location = `http://127.0.0.1:${port}/`
  },
  'location.replace': port => location.replace(`http://127.0.0.1:${port}/`),
  'navigation.navigate': port => navigation.navigate(`http://127.0.0.1:${port}/`),
  'address of the parent': port => {
    parent.location = `http://127.0.0.1:${port}/`
  },
  'address of the top': port => {
    top.location.href = `http://127.0.0.1:${port}/`
  },
  'click on a link': port => {
    const anchor = Object.assign(document.createElement('a'), { href: `http://127.0.0.1:${port}/` })
    document.body.append(anchor)
    anchor.click()
  },
  'click on a link to a new window': port => {
    const anchor = Object.assign(document.createElement('a'), {
      href: `http://127.0.0.1:${port}/`,
      target: '_blank',
    })
    document.body.append(anchor)
    anchor.click()
  },
  'click on a link to the top': port => {
    const anchor = Object.assign(document.createElement('a'), {
      href: `http://127.0.0.1:${port}/`,
      target: '_top',
    })
    document.body.append(anchor)
    anchor.click()
  },
  'download of a link': port => {
    const anchor = Object.assign(document.createElement('a'), {
      href: `http://127.0.0.1:${port}/`,
      download: 'x',
    })
    document.body.append(anchor)
    anchor.click()
  },
  'ping of a link': port => {
    const anchor = Object.assign(document.createElement('a'), {
      href: '#',
      ping: `http://127.0.0.1:${port}/`,
    })
    document.body.append(anchor)
    anchor.click()
  },
  'refresh by a meta element': port => {
    const meta = document.createElement('meta')
    meta.httpEquiv = 'refresh'
    meta.content = `0; url=http://127.0.0.1:${port}/`
    document.head.append(meta)
  },
  eval: port => (0, eval)(`fetch('http://127.0.0.1:${port}/')`),
  Function: port => new Function(`fetch('http://127.0.0.1:${port}/')`)(),
  'text to setTimeout': port => setTimeout(`fetch('http://127.0.0.1:${port}/')`),
  'a javascript: address': port => {
    location.href = `javascript:fetch('http://127.0.0.1:${port}/')`
  },
  'an event attribute': port => {
    const element = document.createElement('b')
    element.setAttribute('onclick', `fetch('http://127.0.0.1:${port}/')`)
    document.body.append(element)
    element.click()
  },
  innerHTML: port => {
    document.body.innerHTML = `<img src="http://127.0.0.1:${port}/" onerror="1">`
  },
  DOMParser: port => {
    const parsed = new DOMParser().parseFromString(`<img src="http://127.0.0.1:${port}/">`, 'text/html')
    document.body.append(document.adoptNode(parsed.body.firstChild))
  },
  'another policy': port => {
    const policy = trustedTypes.createPolicy('x', { createHTML: text => text })
    document.body.innerHTML = policy.createHTML(`<img src="http://127.0.0.1:${port}/">`)
  },
  'document.write': port => document.write(`<img src="http://127.0.0.1:${port}/">`),
  'a data: document in a frame': port => {
    document.body.append(
      Object.assign(document.createElement('iframe'), {
        src: `data:text/html,<img src="http://127.0.0.1:${port}/">`,
      }),
    )
  },
  'a blob: document': port => {
    location.href = URL.createObjectURL(
      new Blob([`<img src="http://127.0.0.1:${port}/">`], { type: 'text/html' }),
    )
  },
  'a blob: document in a frame': port => {
    const blob = new Blob([`<img src="http://127.0.0.1:${port}/">`], { type: 'text/html' })
    document.body.append(Object.assign(document.createElement('iframe'), { src: URL.createObjectURL(blob) }))
  },
  'shared storage, private aggregation, topics': async port => {
    await globalThis.sharedStorage?.worklet?.addModule(`http://127.0.0.1:${port}/`)
  },
}
