//! The table of all variables, as docs/images.md shows it.

use base::SortedMap;

use super::{EnvImage, FAMILIES};

/// A setting that a variable is written into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The family.
    pub family: &'static str,
    /// What its rows follow.
    pub source: &'static str,
    /// The images that have it, as the table calls them.
    pub images: Vec<&'static str>,
    /// The variable; `php.*` for all that begin so.
    pub variable: String,
    /// The directive or setting: `fastcgi_read_timeout`, or what depends on it.
    pub setting: String,
    /// The file.
    pub path: &'static str,
    /// The value where nobody sets the variable.
    pub default: String,
}

/// All rows, in the order of the families and their files.
pub fn rows() -> Vec<Row> {
    let mut all: Vec<Row> = Vec::new();
    for family in FAMILIES {
        let begin = all.len();
        for image in family.images {
            for (variable, setting, path, default) in of_image(image) {
                let same = |row: &&mut Row| {
                    (
                        row.variable.as_str(),
                        row.setting.as_str(),
                        row.default.as_str(),
                    ) == (variable.as_str(), setting.as_str(), default.as_str())
                };
                match all[begin..].iter_mut().find(same) {
                    Some(row) if row.images.contains(&image.shown) => {}
                    Some(row) => row.images.push(image.shown),
                    None => all.push(Row {
                        family: family.name,
                        source: family.source,
                        images: vec![image.shown],
                        variable,
                        setting,
                        path,
                        default,
                    }),
                }
            }
        }
    }
    all
}

type One = (String, String, &'static str, String);

fn of_image(image: &EnvImage) -> Vec<One> {
    let mut env: SortedMap<&str, &str> = SortedMap::new();
    env.extend(image.env.iter().flat_map(|env| env.iter().copied()));
    let mut rows: Vec<One> = Vec::new();
    let mut add = |variable: &str, setting: &str, path, default: Option<&str>| {
        let default = env.get(variable).copied().or(default).unwrap_or_default();
        let row = (
            variable.to_owned(),
            setting.to_owned(),
            path,
            default.to_owned(),
        );
        if !rows.contains(&row) {
            rows.push(row);
        }
    };
    for file in image.all() {
        if let Some(name) = variable(file.when) {
            add(name, "which files there are", file.path, None);
        }
        for line in file.text.lines() {
            let condition = line.strip_prefix('@').and_then(|rest| rest.split_once('@'));
            let (condition, line) = match condition {
                Some((prefix, _)) if prefix.ends_with('*') => {
                    add(prefix, "the setting of that name", file.path, None);
                    continue;
                }
                Some((condition, line)) => (condition, line),
                None => ("", line),
            };
            let setting = setting(line);
            if setting == "}" {
                continue;
            }
            // What a line says that comes before one with a condition.
            let before = file.text.lines().find_map(|other| {
                let value = other
                    .strip_prefix(setting)?
                    .trim_start()
                    .strip_prefix('=')?;
                Some(value.trim()).filter(|value| !value.contains('$'))
            });
            let mut has_value = false;
            let mut rest = line;
            while let Some((_, behind)) = rest.split_once("${") {
                let Some((inner, behind)) = behind.split_once('}') else {
                    break;
                };
                let (name, default) = match inner.split_once(":-") {
                    Some((name, default)) => (name, Some(default)),
                    None => (inner, None),
                };
                add(name, setting, file.path, default.or(before));
                has_value = true;
                rest = behind;
            }
            if let (false, Some(name)) = (has_value, variable(condition)) {
                add(name, setting, file.path, None);
            }
        }
    }
    rows
}

/// The directive or setting of a line.
fn setting(line: &str) -> &str {
    let line = line.trim_start();
    if line.starts_with('[') {
        return "the name of the pool";
    }
    let end = line.find([' ', '=', ';']).unwrap_or(line.len());
    line[..end].trim_end()
}

/// The variable of a condition.
fn variable(condition: &str) -> Option<&str> {
    let name = condition.split('=').next()?.trim_matches(['!', '+']);
    (!name.is_empty()).then_some(name)
}
