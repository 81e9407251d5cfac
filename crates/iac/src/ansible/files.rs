//! Modules that write whole files: `template`, `copy`, `assemble`, `file`.

use base::FilePath;

use super::args::{Args, pieces};
use super::host::{State, path_of};
use super::lex::Cut;
use super::play::{Place, Run};
use super::render::render;
use super::scope::Hole;
use super::text::{Run as Piece, Text, of_file};
use super::value::Value;
use crate::compose::repo::joined;

/// Files of one folder that is copied.
const MOST_FILES: usize = 2000;

fn unknown(why: impl Into<String>) -> Hole {
    Hole::Unknown(why.into())
}

/// A file that a task names: of its role, or beside its playbook.
fn source(run: &Run<'_, '_>, name: &str, kind: &str, place: &Place) -> Option<FilePath> {
    let own = FilePath::new(&place.tasks).parent().to_vec();
    let roots = place.role.iter().chain([&own, &place.playbook]);
    let paths = roots.flat_map(|root| {
        let below = joined(root, format!("{kind}/{name}").as_bytes());
        [below, joined(root, name.as_bytes())]
    });
    let mut paths = paths.chain([joined(b"/", name.as_bytes())]);
    paths.find(|path| run.book.repo.has(path) || run.book.repo.below(path).next().is_some())
}

fn target(args: &Args<'_>) -> Result<Option<(String, FilePath)>, Hole> {
    let Some(text) = args.text(&["dest", "path"])? else {
        return Ok(None);
    };
    match path_of(&text) {
        Some(path) => Ok(Some((text, path))),
        None => Err(unknown(format!(
            "`{}` is no whole path",
            base::source::printable(text.as_bytes())
        ))),
    }
}

/// The path of a file that is put into a folder, when a folder is named.
fn in_folder(run: &mut Run<'_, '_>, text: &str, path: FilePath, name: &[u8]) -> FilePath {
    let prefix = [path.as_bytes(), b"/"].concat();
    let mut files = run.host.files.keys();
    let is_folder = files.any(|known| known.as_bytes().starts_with(&prefix));
    match text.ends_with('/') || is_folder && run.host.at(&path).is_none() {
        true => joined(path.as_bytes(), name),
        false => path,
    }
}

/// `template`.
pub(crate) fn template(run: &mut Run<'_, '_>, args: &Args<'_>, place: &Place) -> Result<(), Hole> {
    let Some((text, path)) = target(args)? else {
        return Ok(());
    };
    let name = args
        .text(&["src"])?
        .ok_or_else(|| unknown("it has no `src`"))?;
    let Some(from) = source(run, &name, "templates", place) else {
        let name = base::source::printable(name.as_bytes());
        return Err(unknown(format!("`{name}` is not among the files")));
    };
    let others = [
        "variable_start_string",
        "variable_end_string",
        "block_start_string",
        "block_end_string",
        "newline_sequence",
        "comment_start_string",
        "comment_end_string",
    ];
    if args.has(&others) {
        return Err(unknown("a template with signs of its own is not read"));
    }
    let mut cut = Cut {
        trim: args.is(&["trim_blocks"], true)?,
        lstrip: args.is(&["lstrip_blocks"], false)?,
    };
    let path = in_folder(run, &text, path, from.name());
    if !args.is(&["force"], true)? && matches!(run.host.at(&path), Some(State::Text(_))) {
        return Ok(());
    }
    let given = run.book.repo.given(&from);
    run.project.taken.insert(given.clone());
    let bytes = run.book.repo.read(&from, run.project);
    let bytes = bytes.ok_or_else(|| unknown("its template cannot be read"))?;
    let shown = run.book.repo.shown(&from);
    if bytes.starts_with(b"$ANSIBLE_VAULT") {
        return Err(unknown(format!("{shown} is encrypted by ansible-vault")));
    }
    let source = std::str::from_utf8(&bytes);
    let source = source.map_err(|_| unknown(format!("{shown} is not UTF-8")))?;
    let begin = header(source, &mut cut).map_err(|why| unknown(format!("{shown}: {why}")))?;
    args.scope.is_task.set(false);
    let rendered = render(source, &args.scope, cut, begin);
    args.scope.is_task.set(true);
    let rendered = rendered.map_err(|why| unknown(format!("{shown}: {why}")))?;
    let doc = run
        .docs
        .add((given.clone(), None), || of_file(given, bytes.clone()));
    let runs = rendered.runs.into_iter().map(|piece| Piece {
        from: piece.from.map(|(_, range, is_same)| (doc, range, is_same)),
        ..piece
    });
    let state = Text {
        runs: runs.collect(),
        main: Some(doc),
        is_abridged: false,
    };
    run.host
        .put(&path, State::Text(state), place.perhaps.as_deref());
    Ok(())
}

/// `#jinja2: trim_blocks: False` in the first line.
fn header(text: &str, cut: &mut Cut) -> Result<usize, String> {
    let Some(rest) = text.strip_prefix("#jinja2:") else {
        return Ok(0);
    };
    let end = rest.find('\n').unwrap_or(rest.len());
    for pair in rest[..end].split(',') {
        let (name, value) = pair
            .split_once(':')
            .ok_or("its head `#jinja2:` is not read")?;
        let value = match value.trim().trim_matches(['"', '\'']) {
            "True" | "true" => true,
            "False" | "false" => false,
            _ => return Err("its head `#jinja2:` is not read".to_owned()),
        };
        match name.trim() {
            "trim_blocks" => cut.trim = value,
            "lstrip_blocks" => cut.lstrip = value,
            _ => return Err("its head `#jinja2:` is not read".to_owned()),
        }
    }
    Ok((text.len() - rest.len() + end + 1).min(text.len()))
}

/// `copy`.
pub(crate) fn copy(run: &mut Run<'_, '_>, args: &Args<'_>, place: &Place) -> Result<(), Hole> {
    let Some((text, path)) = target(args)? else {
        return Ok(());
    };
    let perhaps = place.perhaps.as_deref();
    if let Some(content) = args.node(&["content"]).cloned() {
        if args
            .scope
            .resolved(&content)
            .is_ok_and(|node| matches!(node.value, Value::List(_) | Value::Map(_) | Value::Bool(_)))
        {
            return Err(unknown("a `content` that is no text is not read"));
        }
        let (runs, _, main) = pieces(run, &content, &args.scope, args.at()).map_err(unknown)?;
        let state = Text {
            runs,
            main,
            is_abridged: false,
        };
        run.host.put(&path, State::Text(state), perhaps);
        return Ok(());
    }
    let name = args
        .text(&["src"])?
        .ok_or_else(|| unknown("it has neither `src` nor `content`"))?;
    if args.is(&["remote_src"], false)? {
        let from = path_of(&name).ok_or_else(|| unknown("its source is no whole path"))?;
        let shown = from.to_string();
        let state = run.host.at(&from).cloned();
        let state = state.ok_or_else(|| unknown(format!("{shown} is not among the files")))?;
        let path = in_folder(run, &text, path, from.name());
        run.host.put(&path, state, perhaps);
        return Ok(());
    }
    let Some(from) = source(run, &name, "files", place) else {
        let name = base::source::printable(name.as_bytes());
        return Err(unknown(format!("`{name}` is not among the files")));
    };
    if run.book.repo.has(&from) {
        let path = in_folder(run, &text, path, from.name());
        if !args.is(&["force"], true)? && run.host.at(&path).is_some() {
            return Ok(());
        }
        return whole(run, &from, &path, perhaps);
    }
    // Of a folder with a slash behind it only what is in it is copied.
    let mut root = path;
    if !name.ends_with('/') {
        root = joined(root.as_bytes(), from.name());
    }
    let below: Vec<FilePath> = run
        .book
        .repo
        .below(&from)
        .take(MOST_FILES)
        .cloned()
        .collect();
    for file in below {
        let rest = &file.as_bytes()[from.as_bytes().len()..];
        let path = FilePath::new([root.as_bytes(), rest].concat());
        whole(run, &file, &path, perhaps)?;
    }
    Ok(())
}

/// A file of the repository as it is.
fn whole(
    run: &mut Run<'_, '_>,
    from: &FilePath,
    path: &FilePath,
    perhaps: Option<&str>,
) -> Result<(), Hole> {
    let given = run.book.repo.given(from);
    run.project.taken.insert(given.clone());
    let bytes = run.book.repo.read(from, run.project);
    let bytes = bytes.ok_or_else(|| unknown("its source cannot be read"))?;
    if bytes.starts_with(b"$ANSIBLE_VAULT") {
        let shown = run.book.repo.shown(from);
        return Err(unknown(format!("{shown} is encrypted by ansible-vault")));
    }
    let state = match std::str::from_utf8(&bytes) {
        Ok(text) => {
            let doc = run
                .docs
                .add((given.clone(), None), || of_file(given, bytes.clone()));
            let piece = Piece {
                text: text.to_owned(),
                from: Some((doc, 0..text.len(), true)),
                given: None,
            };
            State::Text(Text {
                runs: vec![piece],
                main: Some(doc),
                is_abridged: false,
            })
        }
        Err(_) => State::Whole(given, bytes.clone()),
    };
    run.host.put(path, state, perhaps);
    Ok(())
}

/// `assemble` of a folder of the repository, or of files that lie on the machine.
pub(crate) fn assemble(run: &mut Run<'_, '_>, args: &Args<'_>, place: &Place) -> Result<(), Hole> {
    let Some((_, path)) = target(args)? else {
        return Ok(());
    };
    if args.has(&["regexp", "delimiter"]) {
        return Err(unknown(
            "`assemble` with `regexp` or `delimiter` is not read",
        ));
    }
    let name = args
        .text(&["src"])?
        .ok_or_else(|| unknown("it has no `src`"))?;
    let mut parts: Vec<Text> = Vec::new();
    if args.is(&["remote_src"], true)? {
        let from = path_of(&name).ok_or_else(|| unknown("its source is no whole path"))?;
        let is_it = |known: &FilePath| known.parent() == from.as_bytes();
        for (_, state) in run.host.files.iter().filter(|(known, _)| is_it(known)) {
            match state {
                State::Text(text) => parts.push(text.clone()),
                _ => return Err(unknown("a part of it is not known")),
            }
        }
    } else {
        let from = source(run, &name, "files", place);
        let from = from.ok_or_else(|| unknown("its source is not among the files"))?;
        let below: Vec<FilePath> = run.book.repo.below(&from).cloned().collect();
        for file in below.iter().filter(|file| file.parent() == from.as_bytes()) {
            let inner = FilePath::new(b"/(assembled)");
            whole(run, file, &inner, None)?;
            match run.host.files.remove(&inner) {
                Some(State::Text(text)) => parts.push(text),
                _ => return Err(unknown("a part of it is no text")),
            }
        }
    }
    if parts.is_empty() {
        return Err(unknown("nothing that it puts together is among the files"));
    }
    let mut all = Text {
        main: parts.first().and_then(|part| part.main),
        ..Text::default()
    };
    for part in parts {
        let is_open = !all.runs.is_empty() && !all.joined().ends_with('\n');
        if is_open {
            all.runs.extend(Text::plain("\n").runs);
        }
        all.is_abridged |= part.is_abridged;
        all.runs.extend(part.runs);
    }
    run.host
        .put(&path, State::Text(all), place.perhaps.as_deref());
    Ok(())
}

/// `file`: links, and files that go.
pub(crate) fn file(run: &mut Run<'_, '_>, args: &Args<'_>, place: &Place) -> Result<(), Hole> {
    let Some(text) = args.text(&["path", "dest", "name"])? else {
        return Ok(());
    };
    let path = path_of(&text).ok_or_else(|| unknown("it is no whole path"))?;
    let perhaps = place.perhaps.as_deref();
    match args.text(&["state"])?.as_deref() {
        Some("absent") => run.host.remove(&path, perhaps),
        Some("link" | "hard") => {
            let Some(from) = args.text(&["src"])? else {
                return Ok(());
            };
            let target = joined(path.parent(), from.as_bytes());
            run.host.files.remove(&path);
            let state = match perhaps {
                Some(why) => State::Unknown(why.to_owned()),
                None => State::Link(target),
            };
            run.host.files.insert(path, state);
        }
        Some("touch") if run.host.at(&path).is_none() => {
            run.host.put(&path, State::Text(Text::default()), perhaps);
        }
        _ => {}
    }
    Ok(())
}
