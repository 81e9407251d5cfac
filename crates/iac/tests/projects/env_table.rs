//! Every row of the table of images that are configured by their environment, against a list that
//! was written by hand beside the sources: `fixtures/env/*.rows`.

use std::fs;

use base::Span;
use intake::Judged;

use crate::project::{Project, folder};

/// A line of the list.
struct Row {
    image: String,
    /// What else is set.
    set: Vec<(String, String)>,
    variable: String,
    value: String,
    /// A line of a file, with the value as `%`.
    line: String,
    /// The value where nobody sets the variable; nothing when there is no such line then.
    default: Option<String>,
    /// Whether the line is not there when the variable is set.
    is_gone: bool,
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for entry in fs::read_dir(folder("env")).expect("the lists are there") {
        let text = fs::read_to_string(entry.expect("a list").path()).expect("it is text");
        let (mut image, mut set) = (String::new(), Vec::new());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (word, rest) = line.split_once(' ').expect("no line is one word");
            let pair = |text: &str| {
                let (name, value) = text.split_once('=').expect("a name and a value");
                (name.to_owned(), value.to_owned())
            };
            let mut row = Row {
                image: image.clone(),
                set: set.clone(),
                variable: String::new(),
                value: String::new(),
                line: String::new(),
                default: None,
                is_gone: word == "gone",
            };
            match word {
                "image" => (image, set) = (rest.to_owned(), Vec::new()),
                "set" => set.push(pair(rest)),
                "gone" => {
                    let (what, gone) = rest.split_once(" | ").expect("a variable and a line");
                    (row.variable, row.value) = pair(what);
                    row.line = gone.to_owned();
                    rows.push(row);
                }
                _ => {
                    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
                    let [variable, value, text, default] = parts[..] else {
                        panic!("four parts: {line}");
                    };
                    row.variable = variable.to_owned();
                    row.value = value.to_owned();
                    row.line = text.to_owned();
                    row.default = (default != "-").then(|| default.to_owned());
                    rows.push(row);
                }
            }
        }
    }
    rows
}

/// What is read of a service; `row` says what is set, but for its own variable.
fn judged(row: &Row, own: bool) -> Judged {
    let mut text = format!(
        "services:\n  app:\n    image: {}\n    environment:\n",
        row.image
    );
    let set = row
        .set
        .iter()
        .filter(|(name, _)| !own || *name != row.variable);
    for (name, value) in set {
        text += &format!("      {name}: \"{value}\"\n");
    }
    text += "      LAST: x\n";
    if own {
        let value = row.value.replace('$', "$$");
        text += &format!("      {}: \"{value}\"\n", row.variable);
    }
    Project::of(&[("compose.yaml", &text)]).judged().0
}

/// Where a value stands in such lines of the files that were read.
fn places(judged: &Judged, line: &str, value: &str) -> Vec<String> {
    let mut all = Vec::new();
    let wanted = line.replace('%', value);
    for (file, source) in judged.model.sources.iter() {
        let text = String::from_utf8_lossy(&source.bytes);
        let mut at = 0;
        for one in text.split_inclusive('\n') {
            if source.via.is_some() && one.trim() == wanted {
                let before = one.len() - one.trim_start().len() + line.find('%').unwrap_or(0);
                let start = u32::try_from(at + before).expect("small");
                let len = u32::try_from(value.len()).expect("small");
                let span = Span::new(file, start, start + len);
                all.push(judged.model.sources.place(span));
            }
            at += one.len();
        }
    }
    all
}

#[test]
fn each_variable_is_where_the_image_puts_it() {
    let mut wrong = String::new();
    for row in rows() {
        let what = format!("{} {}={}", row.image, row.variable, row.value);
        let (set, unset) = (judged(&row, true), judged(&row, false));
        let default = row.default.as_deref();
        let with = places(&set, &row.line, &row.value);
        let without = places(&unset, &row.line, default.unwrap_or(&row.value));
        if row.is_gone {
            if !with.is_empty() || without.is_empty() {
                wrong += &format!("{what}: `{}` is not gone\n", row.line);
            }
            continue;
        }
        // The variable is the last line of the Compose file.
        let others = row.set.iter().filter(|(name, _)| *name != row.variable);
        let last = format!("compose.yaml:{}", 6 + others.count());
        let is_at = |places: &[String], line: &str| places.iter().any(|at| at.ends_with(line));
        if with.is_empty() || row.line.contains('%') && !is_at(&with, &last) {
            wrong += &format!("{what}: `{}` at {with:?}, not {last}\n", row.line);
        }
        match default {
            Some(_) if !is_at(&without, "compose.yaml:3") => {
                wrong += &format!("{what}: unset, `{}` at {without:?}\n", row.line);
            }
            None if without.len() >= with.len() => {
                wrong += &format!("{what}: unset, there is `{}`\n", row.line);
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The list has them all.
#[test]
fn each_row_of_the_table_is_in_the_list() {
    let list = rows();
    let mut missing = String::new();
    for row in iac::images::rows() {
        let is_it = |known: &&Row| match row.variable.strip_suffix('*') {
            Some(prefix) => known.variable.starts_with(prefix),
            None => known.variable == row.variable,
        };
        let names_a_setting = row.setting.contains(['_', '.']) && !row.variable.ends_with('*');
        let has = |known: &Row| !names_a_setting || known.line.contains(&row.setting);
        if !list.iter().filter(is_it).any(has) {
            missing += &format!("{}: {} → {}\n", row.family, row.variable, row.setting);
        }
    }
    assert!(missing.is_empty(), "{missing}");
}

/// The table of docs/images.md.
fn table() -> String {
    let mut out = String::new();
    let mut family = "";
    for row in iac::images::rows() {
        if row.family != family {
            family = row.family;
            let source = row.source;
            out += &format!(
                "\n### {family}\n\nAs in {source}.\n\n\
                 | variable | setting | default | images |\n|---|---|---|---|\n"
            );
        }
        let code = |text: &str| match text {
            "" => String::new(),
            text => format!("`{text}`"),
        };
        let setting = match row.setting.contains(' ') {
            true => row.setting.clone(),
            false => code(&row.setting),
        };
        let images: Vec<String> = row.images.iter().map(|image| code(image)).collect();
        let (variable, default) = (code(&row.variable), code(&row.default));
        out += &format!(
            "| {variable} | {setting} | {default} | {} |\n",
            images.join(", ")
        );
    }
    out + "\n"
}

#[test]
fn the_page_has_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let (before, rest) = page.split_once("<!-- table").expect("it begins");
    let (mark, rest) = rest.split_once('\n').expect("its mark is a line");
    let (table_there, after) = rest.split_once("<!-- end of the table").expect("it ends");
    let table = table();
    if std::env::var_os("BLESS").is_some() {
        let page = format!("{before}<!-- table{mark}\n{table}<!-- end of the table{after}");
        fs::write(path, page).expect("it can be written");
        return;
    }
    assert!(
        table == table_there,
        "docs/images.md is old: run this with BLESS=1"
    );
}
