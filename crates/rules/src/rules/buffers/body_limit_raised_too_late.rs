//! The body limit is raised in a location that large requests do not reach.

use base::SortedMap;
use model::Nginx;
use model::nginx::{Config, Item, Modifier, Protocol, ScopeId, ScopeKind, SizeLimit};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// The body limit is raised in the PHP location only, and requests come through another one.
    ///
    /// ## Why it matters
    ///
    /// nginx compares the length of a request with `client_max_body_size` in each location that it goes through,
    /// not in the last one. `POST /upload` of an application with a front controller is matched by `location /`
    /// first, and `try_files` or `rewrite` send it on to `/index.php`. With the raised limit in `location ~ \.php$`
    /// alone it is answered with 413 in `location /`; only requests that name the script get through, which makes
    /// it hard to see.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// location / {
    ///     try_files $uri /index.php?$query_string;
    /// }
    /// location ~ \.php$ {
    ///     client_max_body_size 64m;
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// client_max_body_size 64m;
    /// location / {
    ///     try_files $uri /index.php?$query_string;
    /// }
    /// location ~ \.php$ {
    ///     fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///     fastcgi_pass unix:/run/php/php-fpm.sock;
    /// }
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size>
    /// - nginx: `ngx_http_core_find_config_phase` in `src/http/ngx_http_core_module.c`
    BODY_LIMIT_RAISED_TOO_LATE {
        id: "body-limit-raised-too-late",
        group: "buffers",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        let config = &nginx.config;
        let raised = raised(nginx);
        let tries = config.everywhere("try_files");
        let rewrites = config.everywhere("rewrite").filter(|(_, item)| {
            let flag = config.word(*item, 3);
            flag.as_deref() == Some(b"last")
        });
        for (scope, item) in tries.chain(rewrites) {
            let server = config.enclosing(scope, ScopeKind::Server);
            let Some(places) = server.and_then(|server| raised.get(&server)) else {
                continue;
            };
            let target = target(config, item);
            let reached = |place: &&Raised| reaches(config, place.location, &target);
            if let Some(place) = places.iter().find(reached) {
                report(config, (scope, item), place, out);
            }
        }
    }
}

/// A location with a route and a limit of its own.
struct Raised {
    location: ScopeId,
    limit: Item,
    route: String,
}

/// All of them, by server.
fn raised(nginx: &Nginx) -> SortedMap<ScopeId, Vec<Raised>> {
    let config = &nginx.config;
    let mut out: SortedMap<ScopeId, Vec<Raised>> = SortedMap::new();
    for route in &nginx.routes {
        let name = "client_max_body_size";
        let location = config.enclosing(route.scope, ScopeKind::Location);
        let (Some(server), Some(location)) = (route.server, location) else {
            continue;
        };
        if let (Protocol::Fastcgi, Some(limit)) = (route.protocol, config.last(location, name)) {
            out.entry(server).or_default().push(Raised {
                location,
                limit,
                route: route.label.clone(),
            });
        }
    }
    out
}

/// Where a `try_files` ends or a `rewrite` leads, without arguments.
fn target(config: &Config, item: Item) -> Vec<u8> {
    let is_rewrite = config.word(item, 0).as_deref() == Some(b"rewrite");
    let index = if is_rewrite {
        2
    } else {
        config.arg_count(item)
    };
    let text = config.word(item, index).unwrap_or_default();
    let end = text.iter().position(|b| matches!(b, b'?' | b'$'));
    text[..end.unwrap_or(text.len())].to_vec()
}

/// Whether a location surely gets requests for a target: no regular expressions but the one that
/// everybody writes.
fn reaches(config: &Config, location: ScopeId, target: &[u8]) -> bool {
    match config.location(location) {
        Some((Modifier::Exact | Modifier::Named, text)) => *text == *target,
        Some((Modifier::Regex | Modifier::RegexNoCase, text)) => {
            let is_usual = [
                &br"\.php$"[..],
                br"\.php(/|$)",
                br"\.php(?:$|/)",
                br"[^/]\.php(/|$)",
            ];
            is_usual.contains(&&*text) && target.ends_with(b".php")
        }
        _ => false,
    }
}

fn report(config: &Config, (scope, item): (ScopeId, Item), place: &Raised, out: &mut Findings) {
    let (Ok(first), Ok(last)) = (config.body_limit(scope), config.body_limit(place.location))
    else {
        return;
    };
    // A location inside the PHP location, or the PHP location itself, has its limit.
    if !first.value.is_below(last.value) {
        return;
    }
    let message = format!(
        "a body above {} is answered with 413 in `{}`, before it gets here, where {} would be \
         taken",
        first.value,
        config.label(scope),
        match last.value {
            SizeLimit::Off => "any size".to_owned(),
            SizeLimit::AtMost(most) => most.to_string(),
        }
    );
    out.report(config.span(place.limit), "too late", message)
        .route(&place.route)
        .because("requests are sent on from here", Some(config.span(item)))
        .because_of("client_max_body_size", &first)
        .help("move this `client_max_body_size` to the `server` block");
}
