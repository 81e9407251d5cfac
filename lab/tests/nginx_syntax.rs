//! Our parser accepts exactly what the real nginx accepts as syntax, and says the same about the
//! rest: the same words on the same line.

mod cases;

use std::sync::atomic::{AtomicUsize, Ordering};

use lab::differential::{assert_agreement, shown};
use lab::nginx::{Verdict, test};
use lab::scratch::Scratch;
use syntax::nginx::{NodeId, Tree, parse};

/// Texts of `ngx_conf_read_token` and `ngx_conf_parse`; everything else that nginx says is about
/// meaning.
fn is_syntax(message: &[u8]) -> bool {
    let starts: [&[u8]; 3] = [
        b"unexpected \"",
        b"unexpected end of file",
        b"too long parameter",
    ];
    starts.iter().any(|start| message.starts_with(start))
}

/// How often nginx accepted, refused the syntax, and refused the meaning.
#[derive(Default)]
struct Tally {
    accepted: AtomicUsize,
    syntax: AtomicUsize,
    meaning: AtomicUsize,
}

/// Compares one text; `None` when both agree.
fn compare(scratch: &Scratch, text: &[u8], tally: &Tally) -> Option<String> {
    scratch.write("nginx.conf", text);
    let verdict = test(scratch, "nginx.conf");
    let class = match (verdict.ok, is_syntax(&verdict.message)) {
        (true, _) => &tally.accepted,
        (false, true) => &tally.syntax,
        (false, false) => &tally.meaning,
    };
    class.fetch_add(1, Ordering::Relaxed);
    let tree = parse(text);
    if tree.print(text) != text {
        return Some(format!("{}: printing gives other bytes", shown(text)));
    }
    disagreement(text, &tree, &verdict).map(|why| format!("{}: {why}", shown(text)))
}

fn disagreement(text: &[u8], tree: &Tree, nginx: &Verdict) -> Option<String> {
    let ours = tree.errors().first();
    let said = String::from_utf8_lossy(&nginx.message).into_owned();
    if nginx.ok {
        return ours.map(|e| format!("nginx accepts, we say {} on line {}", e.message, e.line));
    }
    if is_syntax(&nginx.message) {
        let wanted = base::source::printable(&nginx.message);
        return match ours {
            Some(e) if e.line == nginx.line && e.message == wanted => None,
            Some(e) => Some(format!(
                "nginx: {said} on line {}; we: {} on line {}",
                nginx.line, e.message, e.line
            )),
            None => Some(format!("nginx: {said} on line {}; we accept", nginx.line)),
        };
    }
    // nginx stopped at a meaning it does not accept. Up to there the syntax was right, and the
    // directive it stopped at must be ours too.
    if nginx.line == 0 {
        return None;
    }
    if let Some(e) = ours.filter(|e| e.line < nginx.line) {
        return Some(format!(
            "nginx read on to line {} ({said}); we stop on line {}: {}",
            nginx.line, e.line, e.message
        ));
    }
    let name = nginx.message.strip_prefix(b"unknown directive \"");
    let name = name.and_then(|rest| rest.strip_suffix(b"\""))?;
    let ends_there = |node: &NodeId| {
        let (_, end) = tree.head_span(*node);
        let feeds = text[..end as usize].iter().filter(|b| **b == b'\n').count();
        // nginx's message ends at a NUL.
        let ours = tree.name(text, *node);
        let ours = ours.split(|b| *b == 0).next().unwrap_or_default();
        ours == name && u32::try_from(feeds).unwrap_or(0) + 1 == nginx.line
    };
    let mut all = (0..u32::try_from(tree.len()).unwrap_or(0)).map(NodeId);
    let found = all.any(|node| ends_there(&node)) || name.len() > 1900;
    (!found).then(|| {
        format!(
            "nginx: {said} on line {}; no such directive in our tree",
            nginx.line
        )
    })
}

/// Compares all texts. Each class of verdicts must have made up a hundredth at least: an nginx
/// that refuses everything would agree with anybody.
fn run(label: &str, texts: &[Vec<u8>], wanted: [bool; 3]) {
    let tally = &Tally::default();
    assert_agreement(label, texts, |scratch, text| compare(scratch, text, tally));
    let counts =
        [&tally.accepted, &tally.syntax, &tally.meaning].map(|c| c.load(Ordering::Relaxed));
    #[expect(clippy::print_stdout, reason = "how much was compared")]
    {
        println!(
            "{label}: {} texts, {counts:?} accepted, syntax, meaning",
            texts.len()
        );
    }
    for (count, wanted) in counts.into_iter().zip(wanted) {
        assert!(!wanted || count * 100 >= texts.len(), "{label}: {counts:?}");
    }
}

#[test]
fn picked_tokens() {
    let texts = cases::picked();
    assert!(texts.len() >= 150, "only {} cases", texts.len());
    run("picked", &texts, [true; 3]);
}

#[test]
fn buffer_limits() {
    run("limits", &cases::around_the_buffer(), [false, true, true]);
}

#[test]
fn token_soup() {
    run("tokens", &cases::token_soup(0x5eed_0001, 2000), [true; 3]);
}

#[test]
fn byte_soup() {
    run("bytes", &cases::byte_soup(0x5eed_0002, 1000), [true; 3]);
}

#[test]
fn debians_own_files() {
    let mut count = 0;
    let mut folders = vec![std::path::PathBuf::from("/etc/nginx")];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("Debian's /etc/nginx is there");
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(bytes) = std::fs::read(&path) else {
                continue;
            };
            let tree = parse(&bytes);
            assert_eq!(tree.errors(), [], "{}", path.display());
            assert!(tree.print(&bytes) == bytes, "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 10, "only {count} files in /etc/nginx");
}
