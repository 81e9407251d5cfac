//! How a pool is set now, as its files say.

use fix::tune::{Manager, Now, Spares};
use model::php::Pool;

/// Reads it.
///
/// # Errors
/// What is not known, for people.
pub(super) fn of(pool: &Pool) -> Result<Now, String> {
    let number = |name: &str, default: i32| {
        let value = pool.settings.number(name, default);
        value
            .map(|number| number.value)
            .map_err(|why| not_known(name, &why))
    };
    let written = |name: &str| match pool.settings.get(name) {
        None => Ok(None),
        Some(_) => number(name, 0).map(|n| u32::try_from(n).ok().filter(|n| *n > 0)),
    };
    let manager = match pool.settings.text("pm") {
        None => return Err("`pm` is not set".to_owned()),
        Some(text) => text.map_err(|why| not_known("pm", &why))?.value,
    };
    let children = u32::try_from(number("pm.max_children", 0)?)
        .ok()
        .filter(|n| *n > 0);
    Ok(Now {
        manager: Manager::parse(&manager).ok_or("`pm` is none that PHP-FPM knows")?,
        children: children.ok_or("`pm.max_children` is not set")?,
        spares: Spares {
            start: written("pm.start_servers")?,
            min: written("pm.min_spare_servers")?,
            max: written("pm.max_spare_servers")?,
        },
        max_requests: u32::try_from(number("pm.max_requests", 0)?).unwrap_or(0),
        backlog: u32::try_from(number("listen.backlog", -1)?).ok(),
    })
}

fn not_known(name: &str, why: &str) -> String {
    format!("`{name}` is not known: {why}")
}
