//! Changing a PHP setting where it is effective.

use base::Edit;
use model::Chain;
use model::php::{Assignment, ExtraKind};
use rules::Context;

use crate::ini::{add_to_pool, set_value};

/// Edits that give the chains' pools another value of a PHP setting. `value` gives it for each
/// chain; chains of one place get the smallest.
pub(crate) fn set_php(
    cx: &Context<'_>,
    chains: &[&Chain<'_>],
    name: &str,
    value: impl Fn(&Chain<'_>) -> u64,
) -> Vec<Edit> {
    let sources = &cx.model.sources;
    let mut edits: Vec<Edit> = Vec::new();
    for chain in chains {
        let place = place(cx, chains, chain, name);
        let same = chains.iter().filter(|other| match place {
            Place::Value(assignment) => in_force(other, name) == Some(assignment),
            Place::Pool => other.pool_id == chain.pool_id,
            Place::None => false,
        });
        let Some(smallest) = same.map(|other| value(other)).min() else {
            continue;
        };
        let edit = match place {
            Place::Value(assignment) => Some(set_value(sources, assignment, &smallest.to_string())),
            Place::Pool => {
                let key = format!("php_value[{name}]");
                add_to_pool(sources, chain.pool, &key, &smallest.to_string())
            }
            Place::None => None,
        };
        edits.extend(edit.filter(|edit| !edits.contains(edit)));
    }
    edits
}

enum Place<'m> {
    Value(&'m Assignment),
    /// A `php_value` of the pool: it beats php.ini, and scripts may still change it.
    Pool,
    /// nginx sends it: several settings share one directive.
    None,
}

fn place<'m>(
    cx: &Context<'_>,
    chains: &[&'m Chain<'_>],
    chain: &'m Chain<'_>,
    name: &str,
) -> Place<'m> {
    let Some(assignment) = in_force(chain, name) else {
        return match by_parameter(chain, name) {
            true => Place::None,
            false => Place::Pool,
        };
    };
    let in_php_ini = chain
        .fpm
        .php_ini
        .sets
        .iter()
        .any(|(_, set)| set.span == assignment.span);
    // php.ini holds for every pool: it is changed when all of them are to be.
    let users = cx
        .chains()
        .iter()
        .filter(|other| in_force(other, name) == Some(assignment));
    let mut unasked = users.filter(|other| !chains.iter().any(|c| c.pool_id == other.pool_id));
    match in_php_ini && unasked.next().is_some() {
        true => Place::Pool,
        false => Place::Value(assignment),
    }
}

/// The assignment that a chain's value comes from, unless nginx sends it.
fn in_force<'m>(chain: &'m Chain<'_>, name: &str) -> Option<&'m Assignment> {
    let at = chain.php(name).ok()?.origin.span()?;
    let in_ini = chain.fpm.php_ini.sets.iter().map(|(_, set)| set);
    let in_pool = chain.pool.php.iter().map(|set| &set.assignment);
    let user_ini = chain
        .extras
        .iter()
        .filter(|extra| extra.kind == ExtraKind::UserIni);
    let user_ini = user_ini.map(|extra| &extra.assignment);
    let mut all = in_ini.chain(in_pool).chain(user_ini);
    all.find(|assignment| assignment.span == at)
}

fn by_parameter(chain: &Chain<'_>, name: &str) -> bool {
    let Ok(setting) = chain.php(name) else {
        return true;
    };
    setting.origin.span().is_some()
}
