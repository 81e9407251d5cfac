//! The words that nginx reads are the words that our tree has, byte for byte.
//!
//! nginx names an extension that comes twice in `types`, with its old and new content type and
//! the line. So each body stands twice, and all that nginx writes is foretold from our tree.

use lab::nginx::test;
use lab::random::Random;
use lab::scratch::Scratch;
use syntax::nginx::{NodeId, NodeKind, Tree, parse};

/// Hand-picked bodies of `types`.
const PICKED: &[&[u8]] = &[
    b"a b;",
    b"a b c d e f g h i j k l m n o p;",
    b"a 'b' \"c\";",
    b"a 'b c' \"d e\";",
    b"a '' b;",
    b"'' x;",
    b"'' '';",
    b"a \"\\\"\" '\\'' \"\\\\\";",
    b"a \"\\'\" '\\\"';",
    b"a \\\"b \\'c \\\\d;",
    b"a x\\\"y x\\'y x\\\\y;",
    b"a \\t \\n \\r;",
    b"a x\\ty x\\ny x\\ry;",
    b"a '\\t\\n\\r' \"\\t\\n\\r\";",
    b"a \\d \\. \\/ \\s;",
    b"a \\; b;",
    b"a \\ b;",
    b"a x\\ y;",
    b"a \\{ \\};",
    b"a ^\\d\\{3\\}$;",
    b"a \\\n b;",
    b"a x\\\ny;",
    b"a 'x\\\ny';",
    b"a 'x\ny'\n;",
    b"a \\\\\\\\ b;",
    b"a \\\\\\\" b;",
    b"a '\\\\\\'' b;",
    b"a \\x\\\"y;",
    b"a \\$b $\\{ $\\c;",
    b"a $b ${b} ${b}c a${b};",
    b"a ${ b;",
    b"a ${{ b;",
    b"a $${ b;",
    b"a \"$\" \"${\" \"$b{\" '$ {';",
    b"a '$\"' \"$'\";",
    b"a $\" $';",
    b"a $; b $;",
    b"a b}c b\"c b'c b#c b(c b)c;",
    b"a b'c d'e;",
    b"a 'b')c;",
    b"a 'b')'c';",
    b"a ('b');",
    b"a 'b')) c;",
    b"a 'b') c;",
    b"a # b;\n c;",
    b"a b # c;\n # d;\n e;",
    b"a b #\"\n #'\n c;",
    b"a# b;",
    b"a b# c;",
    b"#b;\na #\n;",
    b"# b;\r a c;\na d;",
    b"a\tb\rc\nd\r\ne ;",
    b"a b\r\n;\r\n",
    b"a\x0bb\x0cc d;",
    b"a\xa0b \xc3\xa9 \xe9 \xff;",
    b"\xef\xbb\xbfa b;",
    b"a b\x00c;",
    b"a \x00;",
    b"a \x00 \x00b c\x00 c;",
    b"a B C;\nA b c;",
    b"a \xc3\x89 \xc3\xa9;",
    b"~ = ^ | & * ? [ ] < > ! @ % , . /;",
    b"a b; c d; e f;",
    b"a\nb\n\n;c\n\nd\n;",
    b"a;",
    b"'a';",
    b"\"a b\" \"c d\";",
    b"\\a \\b;",
    b"\\ a;",
    b"\\; b;",
    b"\\{ b;",
    b"\\# b;",
    b"\\'a b';",
    b"$a ${b} ;",
    b"'a'\tb;",
    b"'a'\n'b'\n;",
    b"'a'\r'b'\r;",
    b"'a' ;",
    b") b;",
    b"a )b( (c);",
    b"a \"b\\\\\" c;",
    b"a 'b\\\\' c;",
];

/// What nginx writes before its verdict.
fn foretell(text: &[u8], tree: &Tree, path: &str) -> Vec<u8> {
    let mut known: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut out = Vec::new();
    let stop = tree.errors().first().map_or(u32::MAX, |e| e.start);
    let mut counted = 0;
    let mut line = 1;
    for id in (0..).map(NodeId).take(tree.len()) {
        let words = tree.words(id);
        let (_, head_end) = tree.head_span(id);
        let terminated = words.last().is_some_and(|word| word.end < head_end);
        if head_end > stop || !terminated {
            break;
        }
        let head = &text[counted..head_end as usize];
        line += head.iter().filter(|b| **b == b'\n').count();
        counted = head_end as usize;
        if tree.kind(id) != NodeKind::Data {
            continue;
        }
        let kind = Tree::value(text, words[0]).into_owned();
        for word in &words[1..] {
            // nginx compares up to a NUL only.
            let value = Tree::value(text, *word).to_ascii_lowercase();
            let key: Vec<u8> = value.iter().copied().take_while(|b| *b != 0).collect();
            let Some((_, old)) = known.iter_mut().find(|(other, _)| *other == key) else {
                known.push((key, kind.clone()));
                continue;
            };
            out.extend_from_slice(b"nginx: [warn] duplicate extension \"");
            out.extend_from_slice(&value);
            out.extend_from_slice(b"\", content type: \"");
            out.extend_from_slice(&kind);
            out.extend_from_slice(b"\", previous content type: \"");
            out.extend_from_slice(old);
            out.extend_from_slice(format!("\" in {path}:{line}\n").as_bytes());
            old.clone_from(&kind);
        }
    }
    out
}

/// Compares one body of `types`; says whether nginx took it.
fn compare(scratch: &Scratch, body: &[u8]) -> Result<bool, String> {
    let text = [
        b"events {}\nhttp {\ntypes_hash_bucket_size 4096;\ntypes {\n",
        body,
        b"\n",
        body,
        b"\n}\n}\n",
    ]
    .concat();
    let path = scratch.write("nginx.conf", &text);
    let verdict = test(scratch, "nginx.conf");
    let tree = parse(&text);
    let wanted = foretell(&text, &tree, &path.display().to_string());
    let behind = verdict.raw.strip_prefix(wanted.as_slice());
    let next = if verdict.ok {
        &b"nginx: the configuration file "[..]
    } else {
        b"nginx: [emerg] "
    };
    match behind {
        Some(rest) if rest.starts_with(next) => Ok(verdict.ok),
        _ => Err(format!(
            "{:?}\n  nginx: {:?}\n  we:    {:?}",
            String::from_utf8_lossy(body),
            verdict.output,
            String::from_utf8_lossy(&wanted),
        )),
    }
}

/// Compares all, and returns how many nginx took.
fn run(bodies: &[Vec<u8>]) -> usize {
    let half = bodies.len().div_ceil(2).max(1);
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = bodies
            .chunks(half)
            .map(|part| {
                scope.spawn(move || {
                    let scratch = Scratch::new("words");
                    let results = part.iter().map(|body| compare(&scratch, body));
                    results.collect::<Vec<_>>()
                })
            })
            .collect();
        let parts = threads.into_iter();
        parts
            .flat_map(|t| t.join().expect("a comparison does not panic"))
            .collect()
    });
    let failures: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    let some: Vec<_> = failures.iter().take(10).map(|s| s.as_str()).collect();
    let (bad, all) = (failures.len(), bodies.len());
    assert!(bad == 0, "{bad} of {all} differ:\n{}", some.join("\n"));
    results.iter().filter(|r| **r == Ok(true)).count()
}

#[test]
fn picked_words() {
    let bodies: Vec<_> = PICKED.iter().map(|body| body.to_vec()).collect();
    let taken = run(&bodies);
    // A comment, an escape or a quote may run on into the second copy; few do.
    assert!(taken * 10 >= PICKED.len() * 9, "nginx took only {taken}");
}

/// A word of some special and some ordinary bytes, often in quotes.
fn word(random: &mut Random) -> Vec<u8> {
    const BYTES: &[u8] = b"\\\\\\\"'${}#()ntrab1~=;  \t\n\r\0\xe9A";
    let len = random.below(7);
    let mut inner: Vec<u8> = (0..len)
        .map(|_| match random.below(10) {
            0 => u8::try_from(random.below(256)).unwrap_or(0),
            _ => BYTES[random.below(BYTES.len())],
        })
        .collect();
    match random.below(4) {
        0 => inner.insert(0, b'x'),
        1 => {
            inner.retain(|b| *b != b'"');
            inner = [&b"\""[..], &inner, b"\""].concat();
        }
        2 => {
            inner.retain(|b| *b != b'\'');
            inner = [&b"'"[..], &inner, b"'"].concat();
        }
        _ => {
            inner.retain(|b| !b" \t\r\n;{".contains(b));
            inner.insert(0, b'w');
        }
    }
    inner
}

#[test]
fn soup_of_words() {
    const BETWEEN: &[&[u8]] = &[
        b" ",
        b" ",
        b" ",
        b"\n",
        b"\t",
        b"\r\n",
        b" #c'\"\n",
        b" # c\\\n",
    ];
    let mut random = Random::new(0x5eed_0003);
    let bodies: Vec<_> = (0..2000)
        .map(|_| {
            let mut body = Vec::new();
            for _ in 0..=random.below(3) {
                body.extend_from_slice(b"t");
                for _ in 0..=random.below(4) {
                    body.extend_from_slice(random.pick(BETWEEN));
                    body.extend_from_slice(&word(&mut random));
                }
                body.extend_from_slice(if random.one_in(2) { b";" } else { b" ;\n" });
            }
            body
        })
        .collect();
    let taken = run(&bodies);
    assert!(taken * 5 >= bodies.len(), "nginx took only {taken}");
}
