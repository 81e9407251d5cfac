//! The modules of Ansible that write configuration, and what others may do to it.

use base::{FilePath, SortedMap};

use super::args::{Args, open_text, pieces};
use super::edit::{Block, IniFile, LineInFile, block, ini, line_in_file, replace};
use super::files;
use super::host::{State, path_of};
use super::play::{Place, Run, over};
use super::scope::Hole;
use super::text::Text;
use super::value::{Node, Value};
use crate::compose::mounted::is_config;
use crate::compose::repo::joined;

/// Modules that write no file.
const HARMLESS: [&str; 40] = [
    "debug",
    "assert",
    "fail",
    "stat",
    "find",
    "slurp",
    "fetch",
    "wait_for",
    "wait_for_connection",
    "service",
    "systemd",
    "systemd_service",
    "service_facts",
    "package_facts",
    "setup",
    "gather_facts",
    "user",
    "group",
    "ping",
    "pause",
    "meta",
    "cron",
    "sysctl",
    "ufw",
    "uri",
    "add_host",
    "group_by",
    "apt_key",
    "apt_repository",
    "yum_repository",
    "rpm_key",
    "pip",
    "npm",
    "git",
    "mysql_db",
    "mysql_user",
    "reboot",
    "hostname",
    "timezone",
    "authorized_key",
];

/// Does what a task says.
pub(crate) fn run(run: &mut Run<'_, '_>, module: &str, args: &Node, task: &Node, place: &Place) {
    match module {
        "include_tasks" | "import_tasks" | "include" => return included(run, args, place, task),
        "include_role" | "import_role" => return included_role(run, args, place),
        "set_fact" => return set_fact(run, args, place),
        "include_vars" => return include_vars(run, args, place),
        "command" | "shell" | "raw" | "script" => return command(run, args, task, place),
        name if HARMLESS.contains(&name) => return,
        _ => {}
    }
    let given = Args::of(run, args, task, place);
    let done = match module {
        "template" => files::template(run, &given, place),
        "copy" => files::copy(run, &given, place),
        "assemble" => files::assemble(run, &given, place),
        "file" => files::file(run, &given, place),
        "lineinfile" => edited(run, &given, place, &line),
        "replace" => edited(run, &given, place, &replaced),
        "blockinfile" => edited(run, &given, place, &block_in_file),
        "ini_file" => edited(run, &given, place, &setting),
        "apt" | "package" | "apt_rpm" => packages(run, &given, place, module),
        other => other_module(run, &given, place, other),
    };
    run.host.is_named |= given.scope.is_named.get();
    run.host
        .also
        .extend(given.scope.also.borrow().iter().copied());
    if let Err(hole) = done {
        unknown_target(run, &given, place, module, &hole);
    }
}

/// Something of a task is not known: the file that it writes is there, and no more is known.
fn unknown_target(
    run: &mut Run<'_, '_>,
    args: &Args<'_>,
    place: &Place,
    module: &str,
    hole: &Hole,
) {
    let at = run.shown(args.at());
    let why = format!("{at}: what `{module}` does is not known: {}", hole.why());
    let target = args.node(&["dest", "path", "destfile", "name"]).cloned();
    let Some(target) = target else { return };
    match args
        .scope
        .text(&target)
        .ok()
        .and_then(|text| path_of(&text))
    {
        Some(path) => run
            .host
            .put(&path, State::Unknown(why), place.perhaps.as_deref()),
        None => {
            let text = target.as_text().unwrap_or_default();
            // Up to the first value the folder is known.
            let head = text.split("{{").next().unwrap_or_default();
            let folder = head.rfind('/').map_or("", |end| &head[..end]);
            match path_of(folder).filter(is_config) {
                Some(folder) => run.host.put(&folder, State::Unknown(why), None),
                None if folder.is_empty() || folder == "/" || folder == "/etc" => run.unknown(why),
                None => {}
            }
        }
    }
}

fn included(run: &mut Run<'_, '_>, args: &Node, place: &Place, task: &Node) {
    let file = match args.field("file") {
        Some(file) => file.clone(),
        None => args.clone(),
    };
    let scope = run.scope(place);
    let name = match scope.text(&file) {
        Ok(name) => name,
        Err(hole) => {
            let at = run.shown(file.at.or(task.at));
            return run.unknown(format!(
                "{at}: which tasks these are is not known: {}",
                hole.why()
            ));
        }
    };
    let name = name.split_whitespace().next().unwrap_or_default();
    let own = FilePath::new(&place.tasks);
    let mut dirs = vec![own.parent().to_vec()];
    if let Some(role) = &place.role {
        dirs.push([role.as_slice(), b"/tasks"].concat());
    }
    dirs.push(place.playbook.clone());
    let mut paths = dirs.iter().map(|dir| joined(dir, name.as_bytes()));
    match paths.find(|path| run.book.repo.has(path)) {
        Some(path) => run.task_file(&path, place),
        None => {
            let (at, name) = (run.shown(file.at), base::source::printable(name.as_bytes()));
            run.unknown(format!(
                "{at}: `{name}` is not among the files; what it does is not known"
            ));
        }
    }
}

fn included_role(run: &mut Run<'_, '_>, args: &Node, place: &Place) {
    let word = |what: &str| {
        let node = args.field(what)?;
        run.scope(place).text(node).ok()
    };
    let kinds = ["tasks_from", "vars_from", "defaults_from"];
    let from = kinds
        .iter()
        .filter_map(|kind| Some(((*kind).to_owned(), word(kind)?)));
    let from: SortedMap<String, String> = from.collect();
    run.role(args, place, &from);
}

fn set_fact(run: &mut Run<'_, '_>, args: &Node, place: &Place) {
    let scope = run.scope(place);
    let mut out = Vec::new();
    for (name, node) in args.fields().unwrap_or_default() {
        if name == "cacheable" {
            continue;
        }
        let node = match (&place.perhaps, scope.deep(node)) {
            (Some(why), _) => Node::unknown(format!("`{name}`: {why}")),
            (None, Ok(node)) => Node {
                is_final: true,
                ..node
            },
            (None, Err(hole)) => Node::unknown(hole.why()),
        };
        out.push((name.clone(), node));
    }
    run.host.is_named |= scope.is_named.get();
    for (name, node) in out {
        run.host.fact(&name, node);
    }
}

fn include_vars(run: &mut Run<'_, '_>, args: &Node, place: &Place) {
    let file = args.field("file").unwrap_or(args).clone();
    let name = run.scope(place).text(&file);
    let at = run.shown(file.at);
    let closed = |run: &mut Run<'_, '_>, why: String| {
        run.host.closed = Some(why.as_str().into());
    };
    let Ok(name) = name else {
        return closed(run, format!("{at} names a file that is not known"));
    };
    if let Some(why) = &place.perhaps {
        return closed(run, why.clone());
    }
    let own = FilePath::new(&place.tasks);
    let mut dirs = Vec::new();
    if let Some(role) = &place.role {
        dirs.push([role.as_slice(), b"/vars"].concat());
        dirs.push(role.clone());
    }
    dirs.push(own.parent().to_vec());
    dirs.push([place.playbook.as_slice(), b"/vars"].concat());
    dirs.push(place.playbook.clone());
    let mut paths = dirs.iter().map(|dir| joined(dir, name.as_bytes()));
    match paths.find(|path| run.book.repo.has(path)) {
        Some(path) => {
            let vars = run.vars_of(&path);
            run.host.included = over(&run.host.included, &vars);
        }
        None => closed(
            run,
            format!("{at} names a file that is not among the files"),
        ),
    }
}

/// A command that may write configuration.
fn command(run: &mut Run<'_, '_>, args: &Node, task: &Node, place: &Place) {
    let cmd = args
        .field("cmd")
        .or_else(|| args.field("argv"))
        .unwrap_or(args);
    let text = match &cmd.value {
        Value::Text(text) => text.to_string(),
        Value::List(items) => {
            let words: Vec<String> = items.iter().filter_map(Node::word).collect();
            words.join(" ")
        }
        _ => return,
    };
    let text = run.scope(place).text(&open_text(&text)).unwrap_or(text);
    let writes = [
        " -i", ">", "tee ", "cp ", "mv ", "ln ", "rm ", "unlink ", "touch ", "install ",
    ];
    if !writes.iter().any(|sign| text.contains(sign)) {
        return;
    }
    let at = run.shown(args.at.or(task.at));
    let is_sign = |c: char| c.is_whitespace() || "'\";,|>()`".contains(c);
    for word in text.split(is_sign) {
        if let Some(path) = path_of(word).filter(is_config) {
            let why = format!("{at}: what this command does to it is not known");
            run.host.put(&path, State::Unknown(why), None);
        }
    }
}

fn other_module(
    run: &mut Run<'_, '_>,
    args: &Args<'_>,
    place: &Place,
    module: &str,
) -> Result<(), Hole> {
    for name in ["dest", "path"] {
        let Some(path) = args.text(&[name])?.and_then(|text| path_of(&text)) else {
            continue;
        };
        if is_config(&path) {
            let at = run.shown(args.at());
            let module = base::source::printable(module.as_bytes());
            let why = format!("{at}: what the module `{module}` does to it is not known");
            run.host
                .put(&path, State::Unknown(why), place.perhaps.as_deref());
        }
    }
    Ok(())
}

fn packages(
    run: &mut Run<'_, '_>,
    args: &Args<'_>,
    place: &Place,
    module: &str,
) -> Result<(), Hole> {
    if args.text(&["state"])?.as_deref() == Some("absent") {
        return Ok(());
    }
    let names = match args.list(&["name", "pkg", "package"]) {
        Ok(names) => names,
        Err(hole) => {
            let at = run.shown(args.at());
            run.unknown(format!(
                "{at}: which packages these are is not known: {}",
                hole.why()
            ));
            return Ok(());
        }
    };
    let perhaps = place.perhaps.as_deref();
    for name in names {
        let is_fpm = name.starts_with("php") && name.ends_with("-fpm");
        let is_nginx = name == "nginx" || name.starts_with("nginx-");
        if !is_fpm && !is_nginx {
            continue;
        }
        let is_debian = module == "apt" || run.host.is_debian || is_fpm && name.contains('.');
        match (is_debian, name.as_str()) {
            (true, "php-fpm") => run.host.pending_fpm = true,
            (true, name) => drop(run.host.install(name, perhaps)),
            (false, _) => {}
        }
    }
    Ok(())
}

/// What a module does to a text.
type Edit = dyn Fn(&mut Run<'_, '_>, &Args<'_>, &mut Text) -> Result<Vec<String>, String>;

/// Changes a file that earlier tasks or packages gave.
fn edited(run: &mut Run<'_, '_>, args: &Args<'_>, place: &Place, edit: &Edit) -> Result<(), Hole> {
    let path = args.text(&["path", "dest", "destfile", "name"])?;
    let Some(path) = path.as_deref().and_then(path_of) else {
        return Ok(());
    };
    let at = run.shown(args.at());
    let is_php_ini = path.name() == b"php.ini" || path.name().ends_with(b".ini");
    if run.host.at(&path).is_none() && place.perhaps.is_none() {
        run.host.assume(&path);
    }
    let mut is_partial = run.host.partial.contains(&run.host.real(&path));
    let mut text = match run.host.at(&path) {
        Some(State::Text(text)) => text.clone(),
        Some(State::Unknown(_) | State::Link(_) | State::Whole(..)) => return Ok(()),
        None => {
            let has_section = args.has(&["section"]);
            let creates = args.is(&["create"], has_section || args.has(&["option"]))?;
            let is_known_place = is_config(&path);
            match (is_php_ini || has_section, is_known_place, creates) {
                (true, true, _) => is_partial = true,
                (_, false, false) => return Ok(()),
                (false, true, false) => {
                    let why = format!("{at}: it changes a file that is not among the files");
                    run.host
                        .put(&path, State::Unknown(why), place.perhaps.as_deref());
                    return Ok(());
                }
                _ => {}
            }
            Text {
                is_abridged: is_partial,
                ..Text::default()
            }
        }
    };
    match edit(run, args, &mut text) {
        Ok(_) if place.perhaps.is_none() => {
            let real = run.host.real(&path);
            run.host.put(&path, State::Text(text), None);
            if is_partial {
                run.host.partial.insert(real);
            }
        }
        Ok(_) => run
            .host
            .put(&path, State::Text(text), place.perhaps.as_deref()),
        Err(why) => {
            let why = format!("{at}: {why}");
            run.host
                .put(&path, State::Unknown(why), place.perhaps.as_deref());
        }
    }
    Ok(())
}

fn word(args: &Args<'_>, names: &[&str]) -> Result<Option<String>, String> {
    args.text(names).map_err(|hole| hole.why())
}

fn flag(args: &Args<'_>, name: &str, other: bool) -> Result<bool, String> {
    args.is(&[name], other).map_err(|hole| hole.why())
}

fn line(run: &mut Run<'_, '_>, args: &Args<'_>, text: &mut Text) -> Result<Vec<String>, String> {
    let node = args.node(&["line", "value"]).cloned();
    let (line, holes) = match &node {
        Some(node) => {
            let (line, holes, _) = pieces(run, node, &args.scope, args.at())?;
            (line, holes)
        }
        None => (Vec::new(), Vec::new()),
    };
    let told = LineInFile {
        regexp: word(args, &["regexp", "regex"])?,
        search: word(args, &["search_string"])?,
        line,
        after: word(args, &["insertafter"])?,
        before: word(args, &["insertbefore"])?,
        is_absent: word(args, &["state"])?.as_deref() == Some("absent"),
        has_backrefs: flag(args, "backrefs", false)?,
        is_first: flag(args, "firstmatch", false)?,
    };
    line_in_file(text, &told)?;
    Ok(holes)
}

fn replaced(
    run: &mut Run<'_, '_>,
    args: &Args<'_>,
    text: &mut Text,
) -> Result<Vec<String>, String> {
    if args.has(&["after", "before"]) {
        return Err("`replace` with `after` or `before` is not read".to_owned());
    }
    let pattern = word(args, &["regexp"])?.ok_or("`replace` without `regexp`")?;
    let node = args.node(&["replace"]).cloned();
    let (with, holes) = match &node {
        Some(node) => {
            let (with, holes, _) = pieces(run, node, &args.scope, args.at())?;
            (with, holes)
        }
        None => (Vec::new(), Vec::new()),
    };
    replace(text, &pattern, &with)?;
    Ok(holes)
}

fn block_in_file(
    run: &mut Run<'_, '_>,
    args: &Args<'_>,
    text: &mut Text,
) -> Result<Vec<String>, String> {
    let marker = word(args, &["marker"])?;
    let marker = marker.unwrap_or_else(|| "# {mark} ANSIBLE MANAGED BLOCK".to_owned());
    let mark = |name: &str, other: &str| {
        let mark = word(args, &[name])?.unwrap_or_else(|| other.to_owned());
        Ok::<_, String>(marker.replace("{mark}", &mark))
    };
    let is_absent = word(args, &["state"])?.as_deref() == Some("absent");
    let node = args
        .node(&["block", "content"])
        .cloned()
        .filter(|_| !is_absent);
    let (inner, holes) = match &node {
        Some(node) => {
            let (inner, holes, _) = pieces(run, node, &args.scope, args.at())?;
            (Some(inner), holes)
        }
        None => (None, Vec::new()),
    };
    let told = Block {
        block: inner,
        begin: mark("marker_begin", "BEGIN")?,
        end: mark("marker_end", "END")?,
        after: word(args, &["insertafter"])?,
        before: word(args, &["insertbefore"])?,
    };
    block(text, &told)?;
    Ok(holes)
}

fn setting(run: &mut Run<'_, '_>, args: &Args<'_>, text: &mut Text) -> Result<Vec<String>, String> {
    let mut values = Vec::new();
    let mut holes = Vec::new();
    let listed = args.node(&["values"]).map(|node| args.scope.resolved(node));
    let listed = listed.transpose().map_err(|hole| hole.why())?;
    let mut nodes: Vec<Node> = listed
        .as_ref()
        .and_then(Node::items)
        .unwrap_or_default()
        .to_vec();
    nodes.extend(args.node(&["value"]).cloned());
    for node in &nodes {
        let (value, more, _) = pieces(run, node, &args.scope, args.at())?;
        values.push(value);
        holes.extend(more);
    }
    let told = IniFile {
        section: word(args, &["section"])?,
        option: word(args, &["option"])?,
        values,
        is_absent: word(args, &["state"])?.as_deref() == Some("absent"),
        is_exclusive: flag(args, "exclusive", true)?,
        is_tight: flag(args, "no_extra_spaces", false)?,
        has_no_value: flag(args, "allow_no_value", false)?,
    };
    ini(text, &told)?;
    Ok(holes)
}
