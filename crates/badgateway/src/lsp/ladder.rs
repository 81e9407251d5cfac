//! The ladder of a route in words.

use base::ladder::{Actor, Fate, Ladder};
use base::{Origin, Span};

use super::world::{See, prose};

/// Ladders that are told; the others are counted.
const MOST: usize = 2;

/// The ladders that a written limit stands on.
pub(crate) fn with_limit<'w>(see: &See<'w>, span: Span) -> Vec<&'w Ladder> {
    let stands = |ladder: &&Ladder| {
        let mut origins = ladder.rungs.iter().filter_map(|rung| rung.origin.as_ref());
        origins.any(|origin| origin.span() == Some(span))
    };
    see.world.ladders.iter().filter(stands).collect()
}

/// The ladders of a route.
pub(crate) fn of_route<'w>(see: &See<'w>, label: &str) -> Vec<&'w Ladder> {
    let ladders = see.world.ladders.iter();
    ladders.filter(|ladder| ladder.route == label).collect()
}

/// Tells them.
pub(crate) fn tell(see: &See<'_>, ladders: &[&Ladder]) -> String {
    let mut out = String::new();
    for ladder in ladders.iter().take(MOST) {
        let pool = match &ladder.pool {
            Ok(pool) => format!("pool `{}`", prose(pool)),
            Err(why) => format!("pool not known: {}", prose(why)),
        };
        out.push_str(&format!(
            "\n\n**Limits of** `{}` → `{}` → {pool}\n",
            prose(&ladder.route),
            prose(&ladder.target)
        ));
        for rung in &ladder.rungs {
            let actor = match rung.actor {
                Actor::Client => "nginx to client",
                Actor::Nginx => "nginx",
                Actor::Fpm => "PHP-FPM",
                Actor::Php => "PHP",
            };
            let limit = match &rung.limit {
                Ok(limit) => limit.to_string(),
                Err(why) => format!("not known ({})", prose(why)),
            };
            let from = rung.origin.as_ref().map(|origin| origin_of(see, origin));
            let from = from.map_or_else(String::new, |from| format!("; {from}"));
            let ends = match (rung.ends_sleeping, rung.ends_busy) {
                (true, true) => " **ends every script first**",
                (true, false) => " **ends a waiting script first**",
                (false, true) => " **ends a computing script first**",
                (false, false) => "",
            };
            let (name, measures) = (rung.name, rung.measures);
            out.push_str(&format!(
                "\n- {actor}: `{name}` {limit} ({measures}){from}{ends}"
            ));
        }
        out.push_str(&fate("waits", &ladder.sleeping));
        out.push_str(&fate("computes", &ladder.busy));
    }
    if ladders.len() > MOST {
        out.push_str(&format!("\n\nand {} more routes", ladders.len() - MOST));
    }
    out
}

fn fate(what: &str, fate: &Fate) -> String {
    let Some((from, to)) = fate.at else {
        return format!("\n\nA script that {what} for ever is ended by nothing that is known.");
    };
    let at = match from == to {
        true => format!("after {from}"),
        false => format!("after {from} to {to}"),
    };
    let (status, log) = (prose(&fate.status), fate.log_name);
    format!("\n\nA script that {what} for ever: the client gets {status} {at}; see {log}.")
}

/// Where a value comes from.
pub(crate) fn origin_of(see: &See<'_>, origin: &Origin) -> String {
    match origin {
        Origin::Here(at) => format!("set in {}", see.place(*at)),
        Origin::Inherited(at) => format!("inherited from {}", see.place(*at)),
        Origin::Overriding { at, over } => {
            let over: Vec<String> = over.iter().map(|span| see.place(*span)).collect();
            format!("set in {}, over {}", see.place(*at), over.join(", "))
        }
        Origin::Default { version, manual } => {
            format!("the default of {version}, {}", manual_of(manual))
        }
    }
}

/// The link to a page of a manual, as the tables name it.
pub(crate) fn manual_of(manual: &str) -> String {
    if manual.starts_with("https://") {
        return format!("[manual]({manual})");
    }
    let (module, anchor) = manual.split_once('#').unwrap_or((manual, ""));
    let folder = ["http", "stream", "mail"]
        .into_iter()
        .find(|folder| module.starts_with(&format!("ngx_{folder}_")));
    let folder = match folder {
        Some(folder) => format!("{folder}/"),
        None if module == "ngx_core_module" => String::new(),
        None => return manual.to_owned(),
    };
    format!("[manual](https://nginx.org/en/docs/{folder}{module}.html#{anchor})")
}
