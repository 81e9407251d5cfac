//! The pages of `cargo xtask docs` in a real browser: opened from disk, searched, switched to dark,
//! used without a mouse and on a narrow screen. Nothing is asked for from anywhere else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::browser::Browser;
use lab::scratch::Scratch;
use serde_json::{Value, json};

const TAB: u32 = 9;
const ENTER: u32 = 13;
const ESCAPE: u32 = 27;
const UP: u32 = 38;
const DOWN: u32 = 40;
/// What the paper looks like: the sum of its colours is small when it is dark.
const IS_DARK: &str = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g)\
    .slice(0, 3).reduce((sum, part) => sum + Number(part), 0) < 300";

struct Site {
    folder: Scratch,
    browser: Browser,
}

impl Site {
    fn new() -> Self {
        let folder = Scratch::new("site");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let made = Command::new(cargo)
            .args([
                "run",
                "--quiet",
                "--package",
                "xtask",
                "--",
                "docs",
                "--out",
            ])
            .arg(folder.path())
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
        Self {
            folder,
            browser: Browser::start(),
        }
    }

    fn root(&self) -> String {
        format!("file://{}/", self.folder.path().display())
    }

    fn open(&mut self, path: &str) {
        let address = format!("{}{path}", self.root());
        self.browser.open(&address);
    }

    /// Every page, as a path below the root.
    fn pages(&self) -> Vec<String> {
        let mut found = vec!["index.html".to_owned()];
        for folder in ["rules", "causes"] {
            let entries = fs::read_dir(self.folder.path().join(folder)).expect("it is there");
            let names = entries.flatten().map(|entry| entry.file_name());
            found.extend(names.map(|name| format!("{folder}/{}", name.to_string_lossy())));
        }
        found.sort();
        assert!(found.len() > 70);
        found
    }

    fn see(&mut self, expression: &str) -> Value {
        self.browser.see(expression)
    }

    fn narrow(&mut self, width: u32) {
        let metrics =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.browser
            .call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    fn prefers(&mut self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        let features = json!({ "features": [feature] });
        self.browser.call("Emulation.setEmulatedMedia", &features);
    }

    /// Whatever was done: nothing but files of the site was asked for, and nothing complained.
    fn is_quiet(&self) {
        let root = self.root();
        for request in self.browser.requests() {
            let own = request.trim_matches('"').starts_with(&root);
            assert!(own || request == "\"about:blank\"", "{request}");
        }
        assert!(
            self.browser.requests().len() > 1,
            "requests are seen at all"
        );
        assert_eq!(self.browser.complaints(), Vec::<String>::new());
    }
}

#[test]
fn a_search_without_a_mouse() {
    let mut site = Site::new();
    site.open("index.html");
    site.browser.press("/", 0);
    assert_eq!(site.see("document.activeElement.id"), "search");
    site.browser.type_in("times out at once zero");
    let first = "document.querySelector('#found a').textContent";
    assert_eq!(
        site.see("document.getElementById('search').value"),
        "times out at once zero"
    );
    assert_eq!(site.see(first), "read-timeout-zero");
    assert_eq!(site.see("document.getElementById('all').hidden"), true);
    site.browser.press("Escape", ESCAPE);
    assert_eq!(site.see("document.getElementById('all').hidden"), false);
    site.browser.type_in("oom");
    site.browser.press("ArrowDown", DOWN);
    site.browser.press("ArrowDown", DOWN);
    site.browser.press("ArrowUp", UP);
    assert_eq!(
        site.see("document.activeElement.textContent"),
        "worker-oom-killed"
    );
    site.browser.press("Enter", ENTER);
    site.browser
        .until("document.querySelector('h1')?.textContent === 'worker-oom-killed'");
    assert_eq!(site.see("location.protocol"), "file:");
    // From a page the search leads back to the list.
    site.browser.until("document.readyState === 'complete'");
    site.browser.press("/", 0);
    site.browser.type_in("socket permission");
    site.browser.press("Enter", ENTER);
    site.browser
        .until("location.search && document.querySelectorAll('#found a').length > 0");
    assert_eq!(site.see(first), "socket-permission");
    site.browser.press("Enter", ENTER);
    site.browser
        .until("document.querySelector('h1')?.textContent === 'socket-permission'");
    site.is_quiet();
}

/// Who knows the words of a page finds it; who writes nonsense is told so.
#[test]
fn every_page_is_found_by_its_words() {
    let mut site = Site::new();
    site.open("index.html");
    let lost = site.see(
        "(() => { const input = document.getElementById('search'); const lost = []; \
           for (const page of JSON.parse(document.getElementById('index').textContent)) { \
             for (const text of [page.id, page.title, page.id.replaceAll('-', ' ')]) { \
               input.value = text; input.dispatchEvent(new Event('input')); \
               const found = [...document.querySelectorAll('#found a')].map(a => a.textContent); \
               if (text === page.id ? found[0] !== page.id : !found.includes(page.id)) \
                 { lost.push(text); } } } \
           return lost; })()",
    );
    assert_eq!(lost, json!([]));
    site.open("index.html?q=xyzzy%3Cb%3E");
    assert_eq!(
        site.see("document.querySelector('[role=status]').textContent"),
        "0 pages"
    );
    site.is_quiet();
}

#[test]
fn dark_is_switched_and_remembered() {
    let mut site = Site::new();
    site.prefers("light");
    site.open("index.html");
    assert_eq!(site.see(IS_DARK), false);
    site.see("document.getElementById('theme').focus()");
    site.browser.press("Enter", ENTER);
    assert_eq!(site.see(IS_DARK), true);
    assert_eq!(
        site.see("document.getElementById('theme').textContent"),
        "Light"
    );
    site.open("rules/read-timeout-zero.html");
    assert_eq!(site.see(IS_DARK), true);
    site.see("document.getElementById('theme').click()");
    assert_eq!(site.see(IS_DARK), false);
    // Who never chose gets what the system prefers.
    site.see("localStorage.clear()");
    site.prefers("dark");
    site.open("causes/worker-oom-killed.html");
    assert_eq!(site.see(IS_DARK), true);
    site.is_quiet();
}

/// On every page: the first key leads to the text, nothing is wider than a phone, and the policy
/// lets the style and the script of the page work.
#[test]
fn every_page_works_on_a_phone_and_by_keys() {
    let mut site = Site::new();
    site.narrow(390);
    for page in site.pages() {
        site.open(&page);
        let wide = site.see("document.documentElement.scrollWidth");
        assert_eq!(wide, 390, "{page}");
        // The bar is two lines: names and switch, and the search.
        let bar = site.see("document.querySelector('.top').offsetHeight");
        assert!(bar.as_u64() < Some(110), "{page}: {bar}");
        assert_eq!(
            site.see("document.querySelector('form').hidden"),
            false,
            "{page}"
        );
        assert_eq!(
            site.see("document.querySelectorAll('h1').length"),
            1,
            "{page}"
        );
        site.browser.press("Tab", TAB);
        assert_eq!(
            site.see("document.activeElement.className"),
            "skip",
            "{page}"
        );
        assert_eq!(site.see(CONTRAST), json!([]), "{page}");
    }
    site.prefers("dark");
    for page in [
        "index.html",
        "rules/read-timeout-zero.html",
        "rules/slowlog-off.html",
    ] {
        site.open(page);
        assert_eq!(site.see(CONTRAST), json!([]), "{page}");
    }
    site.is_quiet();
}

/// Texts that stand out from what is behind them by less than 4.5 to 1, as WCAG counts it.
const CONTRAST: &str = "(() => { \
    const rgb = text => text.match(/[\\d.]+/g).map(Number); \
    const light = text => { const [r, g, b] = rgb(text).map(c => { c /= 255; \
        return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); \
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; }; \
    const behind = node => { for (; node; node = node.parentElement) { \
        const colour = getComputedStyle(node).backgroundColor; \
        if (rgb(colour)[3] !== 0) { return colour; } } return 'rgb(255, 255, 255)'; }; \
    const weak = []; \
    for (const node of document.querySelectorAll('body *')) { \
        const own = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim()); \
        if (!own || node.tagName === 'SCRIPT' || !node.checkVisibility()) { continue; } \
        const a = light(getComputedStyle(node).color), b = light(behind(node)); \
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); \
        if (ratio < 4.5) { weak.push(node.textContent + ' ' + ratio); } } \
    return weak; })()";

/// What would come in through a page is stopped by its policy, and seen by this test.
#[test]
fn the_policy_bites() {
    let mut site = Site::new();
    site.open("rules/read-timeout-zero.html");
    assert_eq!(site.browser.complaints().len(), 0);
    site.see(
        "fetch('http://127.0.0.1:9/').catch(() => {}); \
         new Image().src = 'http://127.0.0.1:9/i.png'; \
         document.body.append(Object.assign(document.createElement('script'), \
             { textContent: 'window.owned = 1' })); \
         document.body.setAttribute('style', 'color: red'); \
         document.body.insertAdjacentHTML('beforeend', '<i onclick=\\'window.owned = 1\\'></i>'); \
         document.body.lastChild.click();",
    );
    assert_eq!(site.see("typeof window.owned"), "undefined");
    site.browser.until("true");
    let complaints = site.browser.complaints();
    let refused = complaints
        .iter()
        .filter(|said| said.contains("Content Security Policy"));
    assert!(refused.count() >= 4, "{complaints:#?}");
}

/// Who opens a page without its script reads all of it.
#[test]
fn pages_are_whole_without_a_script() {
    let mut site = Site::new();
    let off = json!({ "value": true });
    site.browser
        .call("Emulation.setScriptExecutionDisabled", &off);
    for page in ["index.html", "rules/read-timeout-zero.html"] {
        let text = fs::read_to_string(site.folder.path().join(page)).expect("a page");
        assert!(text.contains("<h1>"));
        site.open(page);
        assert_eq!(
            site.see("document.querySelector('form').checkVisibility()"),
            false
        );
        assert_eq!(
            site.see("document.querySelector('main h2').checkVisibility()"),
            true
        );
    }
    site.is_quiet();
}

#[test]
#[ignore = "writes pictures for eyes, to the folder that SHOTS names"]
fn pictures() {
    let shots = PathBuf::from(std::env::var_os("SHOTS").expect("SHOTS names a folder"));
    let mut site = Site::new();
    for (name, width, scheme) in [
        ("light", 1100, "light"),
        ("dark", 1100, "dark"),
        ("phone", 390, "light"),
        ("phone-dark", 390, "dark"),
    ] {
        site.narrow(width);
        site.prefers(scheme);
        for page in [
            "index.html",
            "index.html?q=memory",
            "rules/terminate-timeout-off.html",
            "causes/worker-oom-killed.html",
        ] {
            site.open(page);
            let whole = json!({ "captureBeyondViewport": true });
            let shot = site.browser.call("Page.captureScreenshot", &whole);
            let file = page.replace(['/', '?'], "-");
            picture(
                &shots.join(format!("{}-{name}", file.replace('.', "-"))),
                &shot,
            );
        }
    }
}

fn picture(path: &Path, shot: &Value) {
    let text = path.with_extension("base64");
    fs::write(&text, shot["data"].as_str().expect("a picture")).expect("it can be written");
    let out = fs::File::create(path.with_extension("png")).expect("it can be written");
    let decoded = Command::new("base64")
        .arg("-d")
        .arg(&text)
        .stdout(out)
        .status();
    assert!(decoded.is_ok_and(|status| status.success()));
    let _gone = fs::remove_file(text);
}
