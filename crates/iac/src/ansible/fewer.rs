//! Many tasks that cannot be followed for one reason are one line.

use base::SortedMap;
use base::source::some_of;

/// So many lines of one reason are still lines of their own.
const FEW: usize = 3;

/// The same lines, the first of many with one reason standing for all of them.
pub(super) fn fewer(lines: &[String]) -> Vec<String> {
    let mut groups: SortedMap<String, Vec<String>> = SortedMap::new();
    for (reason, place) in lines.iter().filter_map(|line| reason(line)) {
        let places = groups.entry(reason).or_default();
        if !places.contains(&place) {
            places.push(place);
        }
    }
    groups.retain(|_, places| places.len() > FEW);
    let mut out = Vec::new();
    for line in lines {
        let Some((reason, _)) = reason(line) else {
            out.push(line.clone());
            continue;
        };
        match groups.get_mut(&reason) {
            None => out.push(line.clone()),
            Some(places) if places.is_empty() => {}
            Some(places) => {
                let places = std::mem::take(places);
                out.push(format!(
                    "what {} tasks do is not known: {reason} ({})",
                    places.len(),
                    some_of(&places)
                ));
            }
        }
    }
    out
}

/// Why a task cannot be followed, in words that are the same for all that share it; and its place.
fn reason(line: &str) -> Option<(String, String)> {
    let (place, rest) = line.split_once(": ")?;
    let last = rest.rsplit(": ").next().unwrap_or(rest);
    let reason = match last.split_once(" may be set where ") {
        Some((_, where_to)) => format!("variables may be set where {where_to}"),
        None if last.ends_with(" is known only when the play runs") => {
            "what decides them is known only when the play runs".to_owned()
        }
        None if last.ends_with(" is set nowhere") => "their variables are set nowhere".to_owned(),
        None if rest.contains(" is not among the files") => {
            "the roles and files that they name are not here".to_owned()
        }
        None => return None,
    };
    Some((reason, place.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::fewer;

    #[test]
    fn one_reason_is_one_line() {
        let mut all = vec!["before".to_owned()];
        for task in 1..=7 {
            all.push(format!(
                "roles/a/tasks/main.yml:{task}: what `file` does is not known: `v{task}` may be set \
                 where roles/b.yml:2 names a file that is not known"
            ));
        }
        all.push("x.yml:3: what `copy` does is not known: `y` is set nowhere".to_owned());
        assert_eq!(
            fewer(&all),
            [
                "before",
                "what 7 tasks do is not known: variables may be set where roles/b.yml:2 names a \
                 file that is not known (roles/a/tasks/main.yml:1, roles/a/tasks/main.yml:2, \
                 roles/a/tasks/main.yml:3, roles/a/tasks/main.yml:4, roles/a/tasks/main.yml:5 and \
                 2 more)",
                "x.yml:3: what `copy` does is not known: `y` is set nowhere",
            ]
        );
    }
}
