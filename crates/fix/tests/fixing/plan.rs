//! The plan for a whole ladder.

use base::Millis;
use fix::Wants;

use crate::world::{FPM, INI, NGINX, World, all};

const POOLS: &str = "[global]\nprocess_control_timeout = 300s\n\n[www]\nuser = www-data\n\
    listen = /run/php/www.sock\nlisten.owner = www-data\npm = static\npm.max_children = 5\n\
    request_terminate_timeout = 110s\n\n[shop]\nuser = www-data\nlisten = /run/php/shop.sock\n\
    listen.owner = www-data\npm = static\npm.max_children = 5\nrequest_terminate_timeout = 30s\n";

fn site(locations: &str) -> String {
    format!(
        "user www-data;\nevents {{}}\nhttp {{\n    server {{\n        listen 80;\n        \
         server_name shop.example;\n        root /srv/shop;\n{locations}    }}\n}}\n"
    )
}

fn location(name: &str, settings: &str, pool: &str) -> String {
    format!(
        "        location {name} {{\n            \
         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n{settings}            \
         fastcgi_pass unix:/run/php/{pool}.sock;\n        }}\n"
    )
}

fn two_pools(http: &str) -> World {
    World::sound()
        .with(NGINX, http)
        .with(FPM, POOLS)
        .with(INI, "max_execution_time = 25\n")
}

#[test]
fn a_request_time_makes_a_whole_ladder() {
    let http = site(&location("~ \\.php$", "", "www"));
    let wants = Wants {
        request_time: Some(Millis::from_secs(90)),
        pool: Some("www".to_owned()),
        ..Wants::default()
    };
    let (after, fixed) = two_pools(&http).fixed(&wants);
    assert!(
        after.text(FPM).contains("request_terminate_timeout = 95s"),
        "{fixed:#?}"
    );
    assert!(
        after.text(FPM).contains("request_terminate_timeout = 30s"),
        "the other pool"
    );
    // FPM looks every third of the shortest limit, 10s: 105s at the latest.
    assert!(
        after.text(NGINX).contains("fastcgi_read_timeout 110s;"),
        "{}",
        after.text(NGINX)
    );
    let php = after.text(FPM) + &after.text(INI);
    assert!(php.contains("max_execution_time = 90") || php.contains("[max_execution_time] = 90"));
    assert!(
        after
            .check()
            .0
            .iter()
            .all(|f| f.severity < base::Severity::Error)
    );
}

/// The value that is in force is edited, not the one that is overridden.
#[test]
fn the_effective_place_is_edited() {
    let pool = POOLS.replace(
        "= 110s\n",
        "= 40s\nphp_admin_value[max_execution_time] = 50\n",
    );
    let http = site(&location("~ \\.php$", "", "www"));
    let world = two_pools(&http)
        .with(FPM, pool)
        .with(INI, "max_execution_time = 20\n");
    let (after, fixed) = world.fixed(&Wants::default());
    assert!(
        after
            .text(FPM)
            .contains("php_admin_value[max_execution_time] = 36"),
        "{fixed:#?}"
    );
    assert_eq!(after.text(INI), "max_execution_time = 20\n");
}

/// php.ini holds for every pool; only one of them needs another value.
#[test]
fn php_ini_of_several_pools_is_left_alone() {
    let locations = [
        location("~ \\.php$", "", "www"),
        location("~ ^/shop/", "", "shop"),
    ]
    .concat();
    let world = two_pools(&site(&locations)).with(INI, "max_execution_time = 60\n");
    let wants = Wants {
        rules: vec!["terminate-below-max-execution".to_owned()],
        ..Wants::default()
    };
    let (after, fixed) = world.fixed(&wants);
    assert_eq!(after.text(INI), "max_execution_time = 60\n");
    let pools = after.text(FPM);
    let shop = pools.split("[shop]").nth(1).expect("the pool is there");
    assert!(
        shop.contains("php_value[max_execution_time] = 27"),
        "{fixed:#?}"
    );
    assert_eq!(after.count("terminate-below-max-execution"), 0);
}

/// One pool, several routes: each route that needs it waits longer, the others stay.
#[test]
fn only_the_routes_that_need_it_are_changed() {
    let long = "            fastcgi_read_timeout 300s;\n";
    let short = "            fastcgi_read_timeout 60s;\n";
    let locations = [
        location("= /a.php", long, "www"),
        location("= /b.php", short, "www"),
    ]
    .concat();
    let world = two_pools(&site(&locations));
    let (after, fixed) = world.fixed(&Wants::default());
    let text = after.text(NGINX);
    assert!(text.contains("fastcgi_read_timeout 300s;"), "{text}");
    assert!(text.contains("fastcgi_read_timeout 125s;"), "{text}");
    assert_eq!(fixed.changes.len(), 1);
    assert!(
        fixed.changes[0].routes[0].contains("/b.php"),
        "it says which route forced it"
    );
}

/// A limit in http that only one of two routes needs raised: that route gets its own.
#[test]
fn an_inherited_value_stays_for_those_who_do_not_need_more() {
    let locations = [
        location("= /a.php", "", "www"),
        location("= /b.php", "", "shop"),
    ]
    .concat();
    let http = site(&locations).replace("http {", "http {\n    fastcgi_read_timeout 61s;");
    let (after, _) = two_pools(&http).fixed(&Wants::default());
    let text = after.text(NGINX);
    assert!(text.contains("    fastcgi_read_timeout 61s;\n"), "{text}");
    let a = text
        .split("= /a.php")
        .nth(1)
        .expect("a")
        .split("/b.php")
        .next()
        .expect("a");
    assert!(a.contains("fastcgi_read_timeout 125s;"), "{text}");
    assert_eq!(text.matches("fastcgi_read_timeout").count(), 2);
}

/// All who inherit it need more: the one place is edited.
#[test]
fn an_inherited_value_that_all_need_is_edited_once() {
    let locations = [
        location("= /a.php", "", "www"),
        location("= /b.php", "", "www"),
    ]
    .concat();
    let http = site(&locations).replace("http {", "http {\n    fastcgi_read_timeout 61s;");
    let (after, _) = two_pools(&http).fixed(&Wants::default());
    let text = after.text(NGINX);
    assert!(text.contains("    fastcgi_read_timeout 125s;\n"), "{text}");
    assert_eq!(text.matches("fastcgi_read_timeout").count(), 1);
}

#[test]
fn what_was_not_asked_for_stays() {
    let locations = [
        location("= /a.php", "", "www"),
        location("= /b.php", "", "www"),
    ]
    .concat();
    let world = two_pools(&site(&locations));
    let wants = Wants {
        route: Some("/b.php".to_owned()),
        ..all()
    };
    let (after, _) = world.fixed(&wants);
    let text = after.text(NGINX);
    let a = text
        .split("= /a.php")
        .nth(1)
        .expect("a")
        .split("/b.php")
        .next()
        .expect("a");
    assert!(
        !a.contains("read_timeout") && text.contains("fastcgi_read_timeout"),
        "{text}"
    );
    let wants = Wants {
        rules: vec!["read-timeout-zero".to_owned()],
        ..all()
    };
    assert_eq!(world.fixed(&wants).0, world);
}
