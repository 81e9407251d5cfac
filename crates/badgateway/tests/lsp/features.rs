//! What the server knows about a configuration, asked at marked places.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, Folder, position};

const MAIN: &str = "etc/nginx/nginx.conf";
const SITE: &str = "etc/nginx/sites-enabled/shop.conf";
const PARAMS: &str = "etc/nginx/fastcgi_params";
const POOL: &str = "etc/php/8.2/fpm/pool.d/www.conf";
const FPM: &str = "etc/php/8.2/fpm/php-fpm.conf";
const INI: &str = "etc/php/8.2/fpm/php.ini";
const TYPES: &str = "etc/nginx/mime.types";

/// A copy of the example that comes with the sources, with secrets and a variable added.
fn example() -> Folder {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/broken-stack");
    let folder = Folder::with(&[]);
    for name in [MAIN, SITE, PARAMS, POOL, FPM, INI, TYPES] {
        folder.write(name, &std::fs::read(from.join(name)).expect("it is there"));
    }
    let site = folder.read(SITE);
    let added = "server {\n    listen 81;\n    set $back unix:/var/run/php/php8.2-fpm.sock;\n    \
                 fastcgi_read_timeout 200s;\n    location / {\n        # Größe 😀\n        \
                 fastcgi_param DB_PASSWORD hunter2secret;\n        /* 😀 */ fastcgi_pass $back;\n    \
                 }\n}\n";
    let added = added.replace("/* 😀 */ ", "");
    folder.write(SITE, format!("{site}\n{added}").as_bytes());
    let pool = folder.read(POOL);
    folder.write(
        POOL,
        format!("{pool}\nenv[API_TOKEN] = tok3nvalue\n").as_bytes(),
    );
    folder
}

fn opened(folder: &Folder, files: &[&str]) -> Client {
    let edits = json!({"workspace": {"workspaceEdit": {"documentChanges": true}}});
    let mut client = Client::with(&folder.0, &edits, &json!({}));
    for file in files {
        client.open(&folder.uri(file), &folder.read(file));
    }
    client
}

#[test]
fn findings_of_the_whole_configuration_are_shown_and_go_away() {
    let folder = example();
    let mut client = opened(&folder, &[SITE]);
    let uri = folder.uri(SITE);
    let is_bad = |list: &Value| list.to_string().contains("max-execution-above-read");
    let shown = client.diagnostics(&uri, is_bad);
    let list = shown["diagnostics"].as_array().expect("a list").clone();
    let found = list
        .iter()
        .find(|one| one["code"] == "max-execution-above-read")
        .expect("it is there");
    assert_eq!(found["severity"], 1);
    assert_eq!(shown["version"], 1);
    let text = folder.read(SITE);
    let at = position(&text, "fastcgi_read_timeout 120s");
    assert_eq!(found["range"]["start"], at);
    let href = found["codeDescription"]["href"]
        .as_str()
        .unwrap_or_default();
    assert!(href.starts_with("https://"), "{found}");
    let related = found["relatedInformation"].to_string();
    assert!(related.contains(&folder.uri(INI)), "{related}");
    // The cause is in another file, which is not open yet and not saved then.
    let ini = folder.read(INI);
    let calm = ini.replace("max_execution_time = 300", "max_execution_time = 30");
    client.open(&folder.uri(INI), &calm);
    client.diagnostics(&uri, |list| !is_bad(list));
    // Closed without saving: what the disk says holds again.
    let item = json!({"textDocument": {"uri": folder.uri(INI)}});
    client.tell("textDocument/didClose", &item);
    client.diagnostics(&uri, is_bad);
    client.tell(
        "textDocument/didClose",
        &json!({"textDocument": {"uri": uri}}),
    );
    client.diagnostics(&uri, |list| list == &json!([]));
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_broken_file_keeps_what_is_found_elsewhere() {
    let folder = example();
    let mut client = opened(&folder, &[SITE, FPM]);
    let uri = folder.uri(SITE);
    client.diagnostics(&uri, |list| list.to_string().contains("max-execution"));
    let text = folder
        .read(SITE)
        .trim_end()
        .trim_end_matches('}')
        .to_owned();
    client.change(&uri, 2, &text);
    let is_both = |list: &Value| {
        let said = list.to_string();
        said.contains("\"syntax\"") && said.contains("max-execution-above-read")
    };
    client.diagnostics(&uri, is_both);
    assert_eq!(client.end(), Some(0));
}

#[test]
fn hovers_say_what_is_in_force_and_why() {
    let folder = example();
    let mut client = opened(&folder, &[SITE, POOL, INI, MAIN]);
    let cases: &[(&str, &str, &[&str])] = &[
        (
            SITE,
            "fastcgi_read_timeout 120s",
            &[
                "in force, set here",
                "default `60s`",
                "nginx.org",
                "Limits of",
                "max_execution_time",
                "script first",
            ],
        ),
        (
            SITE,
            "fastcgi_pass php;",
            &["Limits of", "pool `www`", "the client gets"],
        ),
        (SITE, "$back;", &["`$back`", "set $back unix:"]),
        (SITE, "hunter2", &["DB_PASSWORD *"]),
        (
            INI,
            "max_execution_time = 300",
            &["pool `www`", "default `30`", "php.net", "Limits of"],
        ),
        (POOL, "listen", &["in force for pool `www`", "manual"]),
    ];
    for (file, mark, wanted) in cases {
        let place = position(&folder.read(file), mark);
        let answer = client.at("textDocument/hover", &folder.uri(file), &place);
        let text = answer["result"]["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for word in *wanted {
            assert!(
                text.contains(word),
                "{file} {mark}: no `{word}` in\n{text}\n{answer}"
            );
        }
        assert!(!answer.to_string().contains("hunter2"), "{answer}");
    }
    assert_eq!(client.end(), Some(0));
}

#[test]
fn definitions_and_references_lead_from_file_to_file() {
    let folder = example();
    let mut client = opened(&folder, &[SITE, POOL, MAIN]);
    let (go, used) = ("textDocument/definition", "textDocument/references");
    // Asked where, and where in which file the answer must begin.
    let cases = [
        (go, SITE, "php;\n    }", SITE, "upstream php"),
        (
            go,
            SITE,
            "unix:/var/run/php/php8.2-fpm.sock;\n    keepalive",
            POOL,
            "listen",
        ),
        (go, SITE, "$back;", SITE, "set $back"),
        (go, SITE, "fastcgi_params;", PARAMS, ""),
        (go, MAIN, "sites-enabled", SITE, ""),
        (used, POOL, "listen =", SITE, "fastcgi_pass php;"),
        (used, SITE, "php {", SITE, "fastcgi_pass php;"),
    ];
    for (method, file, mark, target, start) in cases {
        let place = position(&folder.read(file), mark);
        let answer = client.at(method, &folder.uri(file), &place);
        let at = position(&folder.read(target), start);
        let places = answer["result"].as_array().cloned().unwrap_or_default();
        let hit = places
            .iter()
            .any(|p| p["uri"] == folder.uri(target) && p["range"]["start"] == at);
        assert!(hit, "{method} {file} {mark}: {answer}");
    }
    assert_eq!(client.end(), Some(0));
}

/// Applies the edits of an action to the texts that are open.
fn applied(folder: &Folder, edit: &Value, file: &str) -> String {
    let mut text = folder.read(file);
    let changes = edit["documentChanges"].as_array().expect("a list");
    let mine = changes
        .iter()
        .filter(|c| c["textDocument"]["uri"] == folder.uri(file));
    for change in mine {
        let mut edits = change["edits"].as_array().expect("a list").clone();
        edits.sort_by_key(|e| std::cmp::Reverse(e["range"]["start"]["line"].as_u64()));
        for edit in edits {
            let (start, end) = (
                at(&text, &edit["range"]["start"]),
                at(&text, &edit["range"]["end"]),
            );
            text.replace_range(start..end, edit["newText"].as_str().expect("text"));
        }
    }
    text
}

fn at(text: &str, position: &Value) -> usize {
    let line = usize::try_from(position["line"].as_u64().expect("a line")).expect("it fits");
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = position["character"].as_u64().expect("a column");
    let mut at = start;
    for c in text[start..].chars() {
        if units == 0 {
            break;
        }
        units = units.saturating_sub(c.len_utf16() as u64);
        at += c.len_utf8();
    }
    at
}

#[test]
fn actions_fix_or_allow_what_was_found() {
    let folder = example();
    let mut client = opened(&folder, &[SITE]);
    let uri = folder.uri(SITE);
    let shown = client.diagnostics(&uri, |list| !list.as_array().expect("a list").is_empty());
    let mut fixes = 0;
    for one in shown["diagnostics"].as_array().expect("a list") {
        if one["code"] == "unknown" || one["code"] == "syntax" {
            continue;
        }
        let params = json!({
            "textDocument": {"uri": uri},
            "range": one["range"],
            "context": {"diagnostics": [one]},
        });
        let answer = client.ask("textDocument/codeAction", &params);
        let actions = answer["result"].as_array().expect("a list").clone();
        let of_rule = |action: &&Value| action["diagnostics"][0]["code"] == one["code"];
        for action in actions.iter().filter(of_rule) {
            let title = action["title"].as_str().expect("a title");
            let is_safe = action["isPreferred"] == true;
            let is_allow = title.starts_with("Allow");
            assert!(is_allow || is_safe != title.contains("(unsafe"), "{action}");
            fixes += usize::from(!is_allow);
        }
        let allow = actions
            .iter()
            .filter(of_rule)
            .find(|a| a["title"].as_str().is_some_and(|t| t.starts_with("Allow")));
        let allow = allow.expect("every finding can be allowed");
        let text = applied(&folder, &allow["edit"], SITE);
        client.change(&uri, 2, &text);
        let (code, line) = (
            &one["code"],
            one["range"]["start"]["line"].as_u64().expect("a line"),
        );
        client.diagnostics(&uri, |list| {
            let list = list.as_array().expect("a list").iter();
            let mut same = list.filter(|d| d["code"] == *code);
            !same.any(|d| d["range"]["start"]["line"].as_u64() == Some(line + 1))
        });
        client.change(&uri, 3, &folder.read(SITE));
        client.diagnostics(&uri, |list| list.to_string().contains(&code.to_string()));
    }
    assert!(fixes > 0, "no fix was offered");
    assert_eq!(client.end(), Some(0));
}

#[test]
fn symbols_are_the_blocks_and_the_pools() {
    let folder = example();
    let mut client = opened(&folder, &[SITE, POOL]);
    for (file, names) in [
        (
            SITE,
            &[
                "server shop.example",
                "upstream php",
                "location = /export.php",
            ][..],
        ),
        (POOL, &["[www]"][..]),
    ] {
        let params = json!({"textDocument": {"uri": folder.uri(file)}});
        let answer = client
            .ask("textDocument/documentSymbol", &params)
            .to_string();
        for name in names {
            assert!(answer.contains(name), "{file}: no `{name}` in {answer}");
        }
    }
    assert_eq!(client.end(), Some(0));
}

#[test]
fn columns_count_what_was_agreed() {
    let lead = "events {} http { server { set $a \"ß😀\"; ";
    let text = format!("{lead}worker_processes 1; }} }}\n");
    let folder = Folder::with(&[("nginx.conf", text.as_bytes())]);
    let uri = folder.uri("nginx.conf");
    for (offered, column) in [
        (json!([]), lead.encode_utf16().count()),
        (json!(["utf-8", "utf-16"]), lead.len()),
        (json!(["utf-32", "utf-16"]), lead.encode_utf16().count()),
    ] {
        let capabilities = json!({"general": {"positionEncodings": offered}});
        let mut client = Client::with(&folder.0, &capabilities, &json!({}));
        // First as a change of a range, which must hit the same columns.
        client.open(&uri, &text.replace("worker_processes", "x"));
        let end = json!({"line": 0, "character": column + 1});
        let range = json!({"start": {"line": 0, "character": column}, "end": end});
        let changes = json!([{"range": range, "text": "worker_processes"}]);
        let item = json!({"uri": uri, "version": 2});
        let params = json!({"textDocument": item, "contentChanges": changes});
        client.tell("textDocument/didChange", &params);
        let is_it = |list: &Value| list.to_string().contains("worker_processes");
        let shown = client.diagnostics(&uri, is_it);
        let said = shown["diagnostics"].as_array().expect("a list").iter();
        let columns: Vec<_> = said
            .map(|one| one["range"]["start"]["character"].clone())
            .collect();
        assert!(columns.contains(&json!(column)), "{offered}: {shown}");
        assert_eq!(client.end(), Some(0));
    }
}

#[test]
fn bytes_that_are_no_text_count_as_one_character() {
    let site = b"events {} http { server {\n set $a \"\xe9\xe8\"; worker_processes 1; } }\n";
    let folder = Folder::with(&[
        ("nginx.conf", b"include other.conf;\n"),
        ("other.conf", site),
    ]);
    let mut client = Client::in_folder(&folder.0);
    client.open(&folder.uri("nginx.conf"), "include other.conf;\n");
    let uri = folder.uri("other.conf");
    let shown = client.diagnostics(&uri, |list| list.to_string().contains("worker_processes"));
    let said = shown["diagnostics"].to_string();
    assert!(said.contains("\"character\":14,\"line\":1"), "{said}");
    assert_eq!(client.end(), Some(0));
}

#[test]
fn secrets_are_in_no_message() {
    let folder = example();
    let mut client = opened(&folder, &[SITE, POOL]);
    for (file, secret) in [(SITE, "hunter2secret"), (POOL, "tok3nvalue")] {
        let place = position(&folder.read(file), secret);
        let uri = folder.uri(file);
        for method in ["hover", "definition", "references"] {
            let answer = client.at(&format!("textDocument/{method}"), &uri, &place);
            assert!(!answer.to_string().contains(secret), "{answer}");
        }
        let params = json!({"textDocument": {"uri": uri}});
        let answer = client.ask("textDocument/documentSymbol", &params);
        assert!(!answer.to_string().contains(secret), "{answer}");
        let shown = client.diagnostics(&uri, |_| true);
        assert!(!shown.to_string().contains(secret), "{shown}");
    }
    assert_eq!(client.end(), Some(0));
}
