//! Texts for nginx and for us.

use lab::random::Random;

/// Hand-picked: each shows one thing. `@` stands for the place inside `http { … }`.
const PICKED: &[&str] = &[
    // Separators and terminators.
    "",
    " ",
    "\n",
    "\r",
    "\t\t",
    ";",
    ";;",
    "{",
    "}",
    "{}",
    "a",
    "a;",
    "a ;",
    "a;;",
    "a b;",
    "a\tb;",
    "a\rb;",
    "a\nb;",
    "a\r\nb;",
    "a;b;",
    "a;\n;",
    "a{",
    "a {",
    "a}",
    "a }",
    "a b }",
    "a{}",
    "a {}",
    "a{};",
    "a { };",
    "a{b;}",
    "a{b}",
    "a{b;}}",
    "a{b{c;}}",
    "a{b{c;}",
    "}a;",
    "a\x0cb;",
    "a\x0bb;",
    "a\u{a0}b;",
    // Specials in the middle of a token.
    "a}b;",
    "a\"b;",
    "a'b;",
    "a#b;",
    "a(b;",
    "a)b;",
    "a=b;",
    "a\"b c\";",
    "a'b c';",
    "a{b;c;}",
    "a}b{c;}",
    "http}x;",
    // Quotes.
    "\"a\";",
    "'a';",
    "\"\";",
    "'';",
    "a \"\";",
    "a '';",
    "a \"b\"c;",
    "a \"b\"\"c\";",
    "a 'b''c';",
    "a \"b\"#c\n;",
    "a \"b\";",
    "a \"b\" ;",
    "a \"b\"\n;",
    "a \"b\"\r\n;",
    "a \"b\"{c;}",
    "a \"b\" {c;}",
    "a \"b\"}",
    "a \"b\")",
    "a \"b\");",
    "a \"b\") ;",
    "a \"b\")c;",
    "a \"b\")\"c\";",
    "a (\"b\");",
    "a \"b;",
    "a 'b;",
    "a \"b\\\";",
    "a \"b\\\"\";",
    "a 'b\\'';",
    "a 'b\\';",
    "a \"b'c\";",
    "a 'b\"c';",
    "a \"b\nc\";",
    "a \"b\nc\"\nd;;",
    "a \"b{c\";",
    "a \"b}c\";",
    "a \"b;c\";",
    "a \"#\";",
    "\"a\" \"b\" {}",
    "\"a b\" c;",
    "a \"$b{c}\";",
    "a \"${b}\";",
    "a \"\\",
    "a \"\\\n\";",
    // Dollars and braces.
    "a $b;",
    "a ${b};",
    "a $b{;",
    "a ${;",
    "a ${b;",
    "a ${b c;",
    "a $;",
    "a $ ;",
    "a ${{;",
    "a $${;",
    "a ${}{;",
    "a $x{c;}",
    "a ${x}{c;}",
    "a$b;",
    "a${b};",
    "$a;",
    "${a};",
    "${a} {b;}",
    "${a}{b;}",
    "a $\\{;",
    "a b$ {c;}",
    "a b${ c;",
    "a \"$\"{c;}",
    "$",
    "${",
    "a $",
    "a ${",
    // Backslashes.
    "a \\;;",
    "a \\ ;",
    "a \\{;",
    "a \\};",
    "a \\\";",
    "a \\';",
    "a \\\\;",
    "a \\n;",
    "a \\\n;",
    "a \\\n;;",
    "\\a;",
    "\\;;",
    "\\{;",
    "\\",
    "a \\",
    "a b\\",
    "a b\\ c;",
    "a \\d\\{3\\};",
    "a ^/\\d{3}$ {}",
    "a \"^/\\d{3}$\" {}",
    "a \\#b;",
    "\\#a;",
    "a \\\rb;",
    // Comments.
    "#",
    "# a",
    "# a\n",
    "# a\nb;",
    "# a\rb;",
    "a # b\n;",
    "a; # b",
    "a;# b",
    "a{# b\n}",
    "a{}# b",
    "a #b;\nc;",
    "a# b\n;",
    "a \"b\" # c\n;",
    "a \"b\"\n# c\n;",
    "a{\n# }\n}",
    "# \"\na;",
    "#\n#\n#\n",
    "a #",
    "a # b",
    "a{ #",
    "#\0\na;",
    // Bytes.
    "\u{feff}a;",
    "a\0b;",
    "a \0;",
    "\0",
    "\0;",
    "a \u{e9};",
    "a \u{1f600};",
    "a;\0",
    // Lines that are named.
    "a\n\n\n}",
    "a;\n\n}\n",
    "\n\n\"a\"b;",
    "a\n\"b\n",
    "a {\n\n",
    "a {\n b\n }\n",
    "a\n\n;\n;\n",
    "a 'b\n\nc'd;",
    "a { b; }\n\n}",
    "a\r\r\n}",
];

/// Bodies of blocks with handlers of their own, and real nesting.
const REAL: &[&str] = &[
    "events {}\nhttp {}\n",
    "events {} http { server { location / { } } }",
    "events {} http { server { location / { } }",
    "events {} http { server { location / { } } } }",
    "events {}\nhttp { types { text/html html htm; } }",
    "events {}\nhttp { types { text/html { html; } } }",
    "events {}\nhttp { types { text/html html } }",
    "events {}\nhttp { types { ; } }",
    "events {}\nhttp { types { \"text/html\" \"html\"; 'a/b' 'c'; } }",
    "events {}\nhttp { map $a $b { default x; y z; } }",
    "events {}\nhttp { map $a $b { default {; } }",
    "events {}\nhttp { map $a $b { default ${; } }",
    "events {}\nhttp { map $a $b { \"~^/\\d{3}$\" z; } }",
    "events {}\nhttp { map $a $b { ~^/\\d{3}$ z; } }",
    "events {}\nhttp { map $a $b { ~^/\\d\\{3\\}$ z; } }",
    "events {}\nhttp { map $a $b { map x; server y; } }",
    "events {}\nhttp { geo $a { default 0; 127.0.0.1/32 1; } }",
    "events {}\nhttp { geo $a { default 0; 127.0.0.1/32 { } } }",
    "events {}\nhttp { split_clients $a $b { 50% x; * y; } }",
    "events {}\nhttp { split_clients $a $b { 50% x { } } }",
    "events {}\nhttp { server { location ~ ^/\\d{3}$ { } } }",
    "events {}\nhttp { server { location ~ \"^/\\d{3}$\" { } } }",
    "events {}\nhttp { server { if ($host = \"x\") { return 404; } } }",
    "events {}\nhttp { server { if ( $host = \"x\" ) { return 404; } } }",
    "events {}\nhttp { server { if ($host = \"x\"){ return 404; } } }",
    "events {}\nhttp { server { if ($host = \"x\" ) \n{ return 404; } } }",
    "events {}\nhttp { server { set $x \"a;b\"; set $y a\\;b; } }",
    "events {}\nhttp { server { return 200 \"{\\\"a\\\": 1}\"; } }",
    "events {}\nhttp { server { return 200 '{\"a\": 1}'; } }",
    "events {}\nhttp { server { return 200 {\"a\": 1}; } }",
    "events {}\nhttp { server { add_header X \"a\tb\"; } }",
    "events {}\nhttp { log_format x '$a'\n   '$b'\n '$c'; }",
    "events {}\nhttp { log_format x '$a''$b'; }",
    "events\n{\n}\nhttp\n{\nserver\n{\n}\n}",
    "events {}\r\nhttp {\r\n  server { }\r\n}\r\n",
];

/// All hand-picked texts.
pub(crate) fn picked() -> Vec<Vec<u8>> {
    let plain = PICKED.iter().map(|text| text.as_bytes().to_vec());
    let inside = PICKED.iter().map(|text| {
        let whole = format!("events {{}}\nhttp {{\n{text}\n}}\n");
        whole.into_bytes()
    });
    let real = REAL.iter().map(|text| text.as_bytes().to_vec());
    let latin1 = [
        b"a \xe9\xff;".to_vec(),
        b"\xe9 {}".to_vec(),
        b"# \xe9\na;".to_vec(),
    ];
    plain.chain(inside).chain(real).chain(latin1).collect()
}

/// Tokens and comments of nearly the size of nginx's buffer, ended in every way.
pub(crate) fn around_the_buffer() -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for size in 4090..=4100_usize {
        let fill = "x".repeat(size);
        for text in [
            format!("a {fill};"),
            format!("a {fill} ;"),
            format!("a {fill} b;\n"),
            format!("a {fill}\n;\n"),
            format!("a {fill}"),
            format!("a \"{fill}\";"),
            format!("a \"{fill}\" ;\n"),
            format!("a '{fill}"),
            format!("a '{fill}' b;\n"),
            format!("# {fill}"),
            format!("# {fill}\n"),
            format!("a;\n\n#{fill}\nb;\n"),
            format!("{fill};"),
            format!("{fill} {{}}\n"),
            format!("a\\{fill} ;\n"),
            format!("a ${fill} ;\n"),
            format!("{}a;\n", " ".repeat(size)),
            format!("events {{}}\nhttp {{ server_name {fill}; }}\n"),
        ] {
            out.push(text.into_bytes());
        }
    }
    out
}

/// Sequences of tokens that mean something to the tokenizer. Half of them stand where nginx takes
/// any words: inside `types`.
pub(crate) fn token_soup(seed: u64, count: usize) -> Vec<Vec<u8>> {
    const TOKENS: &[&str] = &[
        " ",
        " ",
        "\n",
        "\r\n",
        "\t",
        ";",
        ";",
        ";\n",
        "{",
        "}",
        " {",
        " }\n",
        "\"",
        "'",
        "\\",
        "$",
        "${",
        "#",
        "# c\n",
        "(",
        ")",
        "a",
        "bc",
        "\"x y\"",
        "'x y'",
        "\"\"",
        "$v",
        "${v}",
        "\\\"",
        "\\;",
        "\\{",
        "~",
        "=",
        "^",
        "html",
        "text/html",
        "include",
        "\0",
        "\u{e9}",
        "a b;",
        "x y;\n",
        "\"q\";",
        "'q' ",
        "){",
    ];
    let mut random = Random::new(seed);
    (0..count)
        .map(|n| {
            let len = 1 + random.below(14);
            let body: String = (0..len).map(|_| random.pick(TOKENS)).collect();
            match n % 4 {
                0 => body,
                1 => format!("events {{}}\nhttp {{ server {{\n{body}\n}} }}\n"),
                2 => format!("events {{}}\nhttp {{ types {{\n{body}\n}} }}\n"),
                _ => format!("events {{}}\nhttp {{ types {{ a/b c;\n{body} ; }} }}\n"),
            }
            .into_bytes()
        })
        .collect()
}

/// Bytes, mostly those that the tokenizer treats in a special way.
pub(crate) fn byte_soup(seed: u64, count: usize) -> Vec<Vec<u8>> {
    const BYTES: &[u8] = b" \t\r\n;{}\"'\\$#()ab~=\0\xe9";
    let mut random = Random::new(seed);
    (0..count)
        .map(|n| {
            let len = 1 + random.below(40);
            let mut body: Vec<u8> = (0..len)
                .map(|_| match random.below(8) {
                    0 => u8::try_from(random.below(256)).unwrap_or(0),
                    _ => BYTES[random.below(BYTES.len())],
                })
                .collect();
            if n % 2 == 1 {
                let mut whole = b"events {}\nhttp { types {\n".to_vec();
                whole.append(&mut body);
                whole.extend_from_slice(b"\n} }\n");
                return whole;
            }
            body
        })
        .collect()
}
