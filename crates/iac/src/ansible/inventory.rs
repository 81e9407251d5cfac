//! Inventories: hosts, their groups, and the variables of both; as INI and as YAML.

use base::{FilePath, ProblemKind, SortedMap, SortedSet};

use super::book::Book;
use super::value::{At, Node, Value};
use crate::project::Project;

/// Hosts of one inventory.
const MOST_HOSTS: usize = 50_000;

/// Variables of a group or a host: by name, the last wins.
pub(crate) type Vars = Vec<(String, Node)>;

/// One inventory.
#[derive(Default)]
pub(crate) struct Inventory {
    /// Its file.
    pub(crate) path: Option<FilePath>,
    /// Hosts in their order, and their own variables.
    pub(crate) hosts: Vec<(String, Vars)>,
    at: SortedMap<String, usize>,
    /// Groups by name.
    pub(crate) groups: SortedMap<String, Group>,
    is_full: bool,
}

/// A group.
#[derive(Default)]
pub(crate) struct Group {
    /// Hosts that are in it directly, by number.
    pub(crate) hosts: Vec<usize>,
    /// Groups in it.
    children: SortedSet<String>,
    /// Its variables.
    pub(crate) vars: Vars,
}

impl Inventory {
    /// One with a single host in these groups, for a play of which nothing else is known.
    pub(crate) fn of_one(name: &str, groups: &[String]) -> Inventory {
        let mut inventory = Inventory::default();
        for group in groups {
            inventory.host(name, Some(group), &[]);
        }
        if groups.is_empty() {
            inventory.host(name, None, &[]);
        }
        inventory
    }

    fn group(&mut self, name: &str) -> &mut Group {
        self.groups.entry(name.to_owned()).or_default()
    }

    fn host(&mut self, name: &str, group: Option<&str>, vars: &[(String, Node)]) {
        for name in ranged(name) {
            let at = match self.at.get(&name) {
                Some(at) => *at,
                None if self.hosts.len() >= MOST_HOSTS => {
                    self.is_full = true;
                    return;
                }
                None => {
                    self.hosts.push((name.clone(), Vec::new()));
                    self.at.insert(name, self.hosts.len() - 1);
                    self.hosts.len() - 1
                }
            };
            self.hosts[at].1.extend(vars.iter().cloned());
            if let Some(group) = group {
                self.group(group).hosts.push(at);
            }
        }
    }

    /// The groups of every host: its own and those above, the outermost first.
    pub(crate) fn groups_of_hosts(&self) -> Vec<Vec<String>> {
        let mut parents: SortedMap<&str, Vec<&str>> = SortedMap::new();
        for (name, group) in &self.groups {
            for child in &group.children {
                parents.entry(child.as_str()).or_default().push(name);
            }
        }
        let mut depths: SortedMap<&str, usize> = SortedMap::new();
        for name in self.groups.keys() {
            depth(name, &parents, &mut depths, &mut Vec::new());
        }
        let mut own: Vec<SortedSet<&str>> = vec![SortedSet::new(); self.hosts.len()];
        for (name, group) in &self.groups {
            let above = above(name, &parents);
            for host in &group.hosts {
                own[*host].extend(above.iter().copied());
            }
        }
        let sorted = own.into_iter().map(|groups| {
            let mut groups: Vec<&str> = groups.into_iter().filter(|name| *name != "all").collect();
            groups.sort_by_key(|name| (depths.get(name).copied().unwrap_or(1), *name));
            groups.into_iter().map(str::to_owned).collect()
        });
        sorted.collect()
    }
}

fn depth<'g>(
    name: &'g str,
    parents: &SortedMap<&'g str, Vec<&'g str>>,
    depths: &mut SortedMap<&'g str, usize>,
    open: &mut Vec<&'g str>,
) -> usize {
    if let Some(known) = depths.get(name) {
        return *known;
    }
    // A circle of groups is refused by Ansible; one of a hundred levels is none that people write.
    if open.contains(&name) || open.len() > 100 {
        return 0;
    }
    open.push(name);
    let above = parents.get(name).into_iter().flatten();
    let above = above.filter(|parent| **parent != "all");
    let deepest = above
        .map(|parent| depth(parent, parents, depths, open))
        .max();
    open.pop();
    let own = deepest.unwrap_or(0) + 1;
    depths.insert(name, own);
    own
}

/// A group and all that it is in.
fn above<'g>(name: &'g str, parents: &SortedMap<&'g str, Vec<&'g str>>) -> SortedSet<&'g str> {
    let (mut seen, mut open) = (SortedSet::new(), vec![name]);
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(parents.get(name).into_iter().flatten());
        }
    }
    seen
}

/// `web[01:03]` as `web01`, `web02`, `web03`.
fn ranged(name: &str) -> Vec<String> {
    let Some((before, rest)) = name.split_once('[') else {
        return vec![name.to_owned()];
    };
    let Some((range, after)) = rest.split_once(']') else {
        return vec![name.to_owned()];
    };
    let mut parts = range.split(':');
    let (Some(from), Some(to)) = (parts.next(), parts.next()) else {
        return vec![name.to_owned()];
    };
    let step = parts
        .next()
        .and_then(|step| step.parse().ok())
        .unwrap_or(1)
        .max(1);
    let middle: Vec<String> = match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(first), Ok(last)) => {
            let width = if from.starts_with('0') { from.len() } else { 0 };
            let numbers = (first..=last).step_by(step).take(MOST_HOSTS + 1);
            numbers.map(|number| format!("{number:0width$}")).collect()
        }
        _ => match (from.as_bytes(), to.as_bytes()) {
            ([first], [last]) => {
                let letters = (*first..=*last).step_by(step);
                letters
                    .map(|letter| char::from(letter).to_string())
                    .collect()
            }
            _ => return vec![name.to_owned()],
        },
    };
    let tails = ranged(after);
    let all = middle.iter().flat_map(|middle| {
        tails
            .iter()
            .map(move |tail| format!("{before}{middle}{tail}"))
    });
    all.take(MOST_HOSTS + 1).collect()
}

/// All inventories of a repository.
pub(crate) fn find(
    book: &mut Book<'_>,
    named: &[FilePath],
    project: &mut Project,
) -> Vec<Inventory> {
    let paths: Vec<FilePath> = book
        .repo
        .paths()
        .filter(|path| may_be(path))
        .cloned()
        .collect();
    let mut out = Vec::new();
    let mut seen = SortedSet::new();
    for path in named.iter().chain(&paths) {
        if !seen.insert(path.clone()) {
            continue;
        }
        let is_yaml = [b".yml".as_slice(), b".yaml"]
            .iter()
            .any(|end| path.name().ends_with(end));
        let found = match is_yaml {
            true => of_yaml(book, path, project),
            false => of_ini(book, path, project),
        };
        if let Some(mut inventory) = found.filter(|found| !found.hosts.is_empty()) {
            if inventory.is_full {
                let shown = book.repo.shown(path);
                let message =
                    format!("{shown}: more than {MOST_HOSTS} hosts; not all were looked at");
                project.problem(ProblemKind::Unknown, message, None);
            }
            inventory.path = Some(path.clone());
            out.push(inventory);
        }
    }
    out
}

/// Whether a file is named like an inventory.
fn may_be(path: &FilePath) -> bool {
    let parts: Vec<&[u8]> = path.as_bytes().split(|b| *b == b'/').collect();
    let is_of = |name: &[u8]| parts[..parts.len() - 1].contains(&name);
    let others: [&[u8]; 5] = [
        b"group_vars",
        b"host_vars",
        b"roles",
        b"templates",
        b"files",
    ];
    if others.iter().any(|name| is_of(name)) {
        return false;
    }
    let name = path.name();
    let stem = name.split(|b| *b == b'.').next().unwrap_or_default();
    let ext = &name[stem.len()..];
    let is_kind = matches!(ext, b"" | b".ini" | b".yml" | b".yaml");
    let is_named = matches!(stem, b"hosts" | b"inventory" | b"production" | b"staging");
    is_kind && (is_named || is_of(b"inventory") || is_of(b"inventories"))
}

fn of_yaml(book: &mut Book<'_>, path: &FilePath, project: &mut Project) -> Option<Inventory> {
    let root = book.yaml(path, project)?;
    let fields = root.fields().filter(|fields| !fields.is_empty())?;
    let is_group = |node: &Node| {
        let words = ["hosts", "children", "vars"];
        let fields = node.fields();
        let is_all = fields
            .is_some_and(|fields| fields.iter().all(|(key, _)| words.contains(&key.as_str())));
        node.is_null() || is_all
    };
    if !fields.iter().all(|(_, node)| is_group(node)) {
        return None;
    }
    let mut out = Inventory::default();
    let mut budget = 0;
    for (name, node) in fields {
        group(&mut out, name, node, &mut budget);
    }
    Some(out)
}

fn group(out: &mut Inventory, name: &str, node: &Node, budget: &mut usize) {
    *budget += 1;
    if *budget > 10_000 {
        out.is_full = true;
        return;
    }
    out.group(name);
    let vars = |node: Option<&Node>| node.and_then(Node::fields).unwrap_or_default().to_vec();
    let own = vars(node.field("vars"));
    out.group(name).vars.extend(own);
    for (host, node) in node
        .field("hosts")
        .and_then(Node::fields)
        .unwrap_or_default()
    {
        out.host(host, Some(name), &vars(Some(node)));
    }
    for (child, node) in node
        .field("children")
        .and_then(Node::fields)
        .unwrap_or_default()
    {
        out.group(name).children.insert(child.clone());
        group(out, child, node, budget);
    }
}

fn of_ini(book: &mut Book<'_>, path: &FilePath, project: &mut Project) -> Option<Inventory> {
    let (file, bytes) = book.raw(path, project)?;
    let text = std::str::from_utf8(&bytes).ok()?;
    if text.starts_with("#!") {
        return None;
    }
    let mut out = Inventory::default();
    let (mut section, mut kind) = (String::from("ungrouped"), "hosts");
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        let trimmed = line.trim_start();
        let start = start + (line.len() - trimmed.len());
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(head) = trimmed.strip_prefix('[').and_then(|head| {
            let end = head.find(']')?;
            let rest = head[end + 1..].trim();
            (rest.is_empty() || rest.starts_with('#')).then(|| &head[..end])
        }) {
            let (name, of) = head.split_once(':').unwrap_or((head, "hosts"));
            section = name.trim().to_owned();
            kind = match of.trim() {
                "vars" => "vars",
                "children" => "children",
                "hosts" => "hosts",
                _ => return None,
            };
            out.group(&section);
            continue;
        }
        match kind {
            "vars" => {
                let (name, value) = trimmed.split_once('=')?;
                let from = start + name.len() + 1;
                let own = pair(file, name, value, from);
                out.group(&section).vars.push(own);
            }
            "children" => {
                let child = trimmed.split_whitespace().next()?;
                out.group(&section).children.insert(child.to_owned());
                out.group(child);
            }
            _ => {
                let mut words = words(trimmed);
                let (name, _) = words.first().cloned()?;
                let rest = words.split_off(1);
                let vars = rest.iter().map(|(word, at)| {
                    let (name, value) = word.split_once('=')?;
                    Some(pair(file, name, value, start + at + name.len() + 1))
                });
                // A word that is no variable: this is another kind of file.
                let vars = vars.collect::<Option<Vec<_>>>()?;
                if name.contains(['=', '{', ';', '"', '(']) {
                    return None;
                }
                out.host(&name, Some(&section), &vars);
            }
        }
    }
    project.taken.insert(book.repo.given(path));
    Some(out)
}

fn pair(file: usize, name: &str, value: &str, from: usize) -> (String, Node) {
    let cut = value.len() - value.trim_start().len();
    let value = value.trim();
    let start = from + cut;
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let at = At {
        file,
        range: (number(start), number(start + value.len())),
    };
    // Ansible asks Python what it is: a number or `True` is one, everything else a text.
    let bare = ['"', '\''].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote) && !inner.contains('\\')).then_some(inner)
    });
    let is_octal = value.len() > 1 && value.starts_with('0');
    let kind = match (value, value.parse::<i64>()) {
        ("True", _) => Value::Bool(true),
        ("False", _) => Value::Bool(false),
        ("None", _) => Value::Null,
        (_, Ok(number)) if !is_octal => Value::Int(number),
        (value, _) if value.starts_with(['[', '{', '(']) => {
            Value::Unknown("a list or a map in an inventory is not read".into())
        }
        (value, _) => Value::Text(bare.unwrap_or(value).into()),
    };
    let node = Node {
        at: Some(at),
        written: bare.is_none().then(|| (yaml::Style::Plain, value.into())),
        value: kind,
        is_final: false,
    };
    (name.trim().to_owned(), node)
}

/// The words of a line, as a shell cuts them, and where each begins; up to a comment.
fn words(line: &str) -> Vec<(String, usize)> {
    let mut out: Vec<(String, usize)> = Vec::new();
    let mut open: Option<char> = None;
    let mut is_in = false;
    for (at, c) in line.char_indices() {
        match (c, open) {
            ('#', None) if !is_in => break,
            (c, None) if c.is_whitespace() => is_in = false,
            (c, Some(quote)) if c == quote => open = None,
            (quote @ ('"' | '\''), None) => {
                open = Some(quote);
                if !is_in {
                    out.push((String::new(), at));
                    is_in = true;
                }
            }
            (c, _) => {
                if !is_in {
                    out.push((String::new(), at));
                    is_in = true;
                }
                if let Some((word, _)) = out.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::ranged;

    #[test]
    fn ranges_of_hosts() {
        assert_eq!(ranged("web[01:03]"), ["web01", "web02", "web03"]);
        assert_eq!(ranged("a[1:5:2].x"), ["a1.x", "a3.x", "a5.x"]);
        assert_eq!(ranged("db-[a:c]"), ["db-a", "db-b", "db-c"]);
        assert_eq!(ranged("plain"), ["plain"]);
        assert_eq!(ranged("[1:2]-[1:2]"), ["1-1", "1-2", "2-1", "2-2"]);
    }
}
