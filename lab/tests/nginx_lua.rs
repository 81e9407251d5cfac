//! Bodies of `*_by_lua_block` against the real module: it alone knows where they end.

use std::path::Path;

use lab::differential::{assert_agreement, shown};
use lab::nginx::test;
use lab::random::Random;
use lab::scratch::Scratch;
use syntax::nginx::parse;

const MODULES: &str = "/usr/lib/nginx/modules";

const PICKED: &[&str] = &[
    "",
    " ",
    "}",
    "{}",
    "{",
    "{{}}",
    "{}}",
    "ngx.say(1)",
    "ngx.say('}')",
    "ngx.say(\"}\")",
    "ngx.say('{')",
    "'",
    "\"",
    "'}",
    "\"}",
    "'\\'}'",
    "\"\\\"}\"",
    "'\n}'",
    "'\\\n}'",
    "-- }\n",
    "-- }",
    "-- '\n",
    "--[[ } ]]",
    "--[[ }",
    "--[==[ } ]] ]==]",
    "--[==[ } ]==]",
    "--[=[ ] ]=]",
    "[[ } ]]",
    "[[ }",
    "[==[ } ]==]",
    "[==[ } ]=]",
    "a[b[1]]",
    "a[ [[ } ]] ]",
    "[=",
    "[= }",
    "[=[",
    "-",
    "--",
    "---[[ }\n",
    "- - [[ } ]]",
    "--[ [ }\n",
    "# }",
    ";",
    "a = { b = '}' }",
    "\\}",
    "\\'",
    "return '\\\\'",
    "'\\\\}'",
    "x = [[a\nb]] }",
    "\r\n",
    "'\r}'",
    "-- \r }\n",
    "\u{e9}",
    "'\u{e9}}'",
];

const TOKENS: &[&str] = &[
    "{",
    "}",
    "{",
    "}",
    "'",
    "\"",
    "\\",
    "\\'",
    "--",
    "--[[",
    "--[=[",
    "]]",
    "]=]",
    "[[",
    "[=[",
    "[",
    "]",
    "=",
    "\n",
    "\r\n",
    " ",
    "a",
    "'b'",
    "\"c\"",
    ";",
    "#",
    "-",
    "\u{e9}",
    "-- x\n",
    "[==[ } ]==]",
];

fn whole(body: &str) -> String {
    format!(
        "load_module {MODULES}/ndk_http_module.so;\nload_module {MODULES}/ngx_http_lua_module.so;\n\
         events {{}}\nhttp {{ server {{ listen 127.0.0.1:18098; location / {{\n\
         content_by_lua_block {{{body}}}\n}} }} }}\n"
    )
}

fn compare(scratch: &Scratch, body: &str) -> Option<String> {
    let text = whole(body);
    scratch.write("nginx.conf", &text);
    let verdict = test(scratch, "nginx.conf");
    let tree = parse(text.as_bytes());
    if tree.print(text.as_bytes()) != text.as_bytes() {
        return Some(format!(
            "{}: printing gives other bytes",
            shown(body.as_bytes())
        ));
    }
    // An empty body is read, and refused by the module for what it says.
    if verdict.output.contains("no runnable Lua code") {
        return (!body.starts_with('}') && !body.trim().is_empty())
            .then(|| format!("{}: {}", shown(body.as_bytes()), verdict.output));
    }
    let ours = tree.errors().first().map(|e| (e.message.clone(), e.line));
    let is_about_words = verdict.said().contains("unknown directive")
        || verdict.said().contains("invalid number of arguments")
        || verdict.said().contains("is not terminated by")
        || verdict.said().contains("is not allowed here")
        || verdict.said().contains("is duplicate");
    // A body that ends too early leaves words behind, about which nginx complains first.
    let theirs = (!verdict.ok && !is_about_words)
        .then(|| (base::source::printable(&verdict.message), verdict.line));
    if is_about_words {
        return ours.filter(|(_, line)| *line < verdict.line).map(|ours| {
            format!(
                "{}: nginx: {}; we: {ours:?}",
                shown(body.as_bytes()),
                verdict.said()
            )
        });
    }
    (ours != theirs).then(|| {
        format!(
            "{}: nginx: {theirs:?}; we: {ours:?}",
            shown(body.as_bytes())
        )
    })
}

fn run(label: &str, bodies: &[String]) {
    let module = Path::new(MODULES).join("ngx_http_lua_module.so");
    assert!(
        module.is_file(),
        "THE LUA MODULE IS MISSING. Install it: apt-get install -y libnginx-mod-http-lua"
    );
    assert_agreement(label, bodies, |scratch, body| compare(scratch, body));
}

#[test]
fn picked() {
    let bodies: Vec<String> = PICKED.iter().map(|body| (*body).to_owned()).collect();
    run("lua-picked", &bodies);
}

#[test]
fn token_soup() {
    let mut random = Random::new(0x5eed_0008);
    let body = |_| {
        let len = 1 + random.below(12);
        (0..len).map(|_| random.pick(TOKENS)).collect::<String>()
    };
    let bodies: Vec<String> = (0..800).map(body).collect();
    run("lua-soup", &bodies);
}
