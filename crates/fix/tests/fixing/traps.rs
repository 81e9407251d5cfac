//! The well-known traps of editing configuration.

use fix::Wants;

use crate::world::{FPM, NGINX, World, all};

const SOCKET: &str = "unix:/run/php/php-fpm.sock";

fn site(inside: &str) -> String {
    format!("user www-data;\nevents {{}}\nhttp {{\n{inside}}}\n")
}

fn fixed(http: impl AsRef<[u8]>) -> World {
    World::sound().with(NGINX, http).fixed(&Wants::default()).0
}

const PARAM: &str = "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;";

/// The same words in a comment and in a string before the real place.
#[test]
fn words_in_comments_are_not_the_place() {
    let http = site(&format!(
        "    # fastcgi_read_timeout 30s;\n    server {{\n        listen 80;\n        \
         # was: fastcgi_read_timeout 30s;\n        add_header X \"fastcgi_read_timeout 30s;\";\n        \
         location ~ \\.php$ {{\n            {PARAM}\n            fastcgi_read_timeout 30s; # 30s\n            \
         fastcgi_pass {SOCKET};\n        }}\n    }}\n"
    ));
    let after = fixed(&http).text(NGINX);
    let wanted = http.replace(
        "            fastcgi_read_timeout 30s; # 30s",
        "            fastcgi_read_timeout 45s; # 30s",
    );
    assert_eq!(after, wanted);
}

/// The same directive in two locations, only one is wrong.
#[test]
fn of_two_equal_lines_the_wrong_one_is_edited() {
    let location = |name: &str, pass: &str| {
        format!(
            "        location = /{name} {{\n            {PARAM}\n            \
             fastcgi_read_timeout 30s;\n            fastcgi_pass {pass};\n        }}\n"
        )
    };
    let other = "[quick]\nuser = www-data\nlisten = /run/php/quick.sock\nlisten.owner = www-data\n\
                 pm = static\npm.max_children = 2\nrequest_terminate_timeout = 10s\n\
                 php_value[max_execution_time] = 5\n";
    let http = site(&format!(
        "    server {{\n        listen 80;\n{}{}    }}\n",
        location("quick.php", "unix:/run/php/quick.sock"),
        location("slow.php", SOCKET)
    ));
    let sound = World::sound();
    let pools = format!("{}\n{other}", sound.text(FPM));
    let world = sound.with(NGINX, &http).with(FPM, pools);
    let after = world.fixed(&Wants::default()).0.text(NGINX);
    let (quick, slow) = after.split_once("slow.php").expect("both are there");
    assert!(quick.contains("fastcgi_read_timeout 30s;"), "{after}");
    assert!(slow.contains("fastcgi_read_timeout 45s;"), "{after}");
}

/// CRLF and mixed line ends, Latin-1, tabs, no final line feed.
#[test]
fn bytes_around_the_edit_survive() {
    let http = [
        b"user www-data;\r\nevents {}\nhttp {\r\n# caf\xe9 \xff\r\n\tserver {\r\n\t\tlisten 80;\n"
            .as_slice(),
        b"\t\tlocation ~ \\.php$ {\r\n\t\t\t",
        PARAM.as_bytes(),
        b"\r\n\t\t\tfastcgi_pass ",
        SOCKET.as_bytes(),
        b";\r\n\t\t}\n\t}\r\n}",
    ]
    .concat();
    let pool =
        b"[www]\r\nuser=www-data\r\nlisten=/run/php/php-fpm.sock\r\nlisten.owner=www-data\r\n\
        pm=static\r\npm.max_children=5\r\n; na\xefve\r\nrequest_terminate_timeout=110";
    let world = World::sound().with(NGINX, &http).with(FPM, pool);
    let after = world.fixed(&Wants::default()).0;
    let (old, new) = (&http, &after.0[NGINX]);
    let at = new
        .windows(20)
        .position(|w| w == b"fastcgi_read_timeout")
        .expect("it was added");
    assert_eq!(new[..at], old[..at]);
    let added = b"fastcgi_read_timeout 150s;\r\n\t\t\t";
    assert_eq!(&new[at..at + added.len()], added);
    assert_eq!(new[at + added.len()..], old[at..]);
    let after = world.fixed(&all()).0;
    let text = after.0[FPM].clone();
    assert!(
        text.windows(6).any(|w| w == b"na\xefve\r"),
        "Latin-1 survives"
    );
    assert!(
        !text.windows(3).any(|w| w == b" = "),
        "the style of the file is kept"
    );
}

/// One include serves two servers: the edit must suit both.
#[test]
fn an_include_of_two_servers() {
    let server = |name: &str| {
        format!(
            "    server {{\n        listen 80;\n        server_name {name};\n        include php.conf;\n    }}\n"
        )
    };
    let snippet = format!(
        "location ~ \\.php$ {{\n    {PARAM}\n    fastcgi_pass {SOCKET};\n    fastcgi_read_timeout 30;\n}}\n"
    );
    let http = site(&[server("a.example"), server("b.example")].concat());
    let world = World::sound()
        .with(NGINX, &http)
        .with("/etc/nginx/php.conf", &snippet);
    let (after, fixed) = world.fixed(&Wants::default());
    assert_eq!(
        after.text("/etc/nginx/php.conf"),
        snippet.replace("timeout 30;", "timeout 45s;")
    );
    assert_eq!(after.text(NGINX), http);
    assert_eq!(
        fixed.changes.iter().map(|c| c.edits.len()).sum::<usize>(),
        1
    );
}

/// FPM would not start with a slow log limit above the end of the script.
#[test]
fn terminate_is_not_lowered_below_the_slow_log() {
    let sound = World::sound();
    let pool = sound
        .text(FPM)
        .replace(
            "request_slowlog_timeout = 5s",
            "request_slowlog_timeout = 50s",
        )
        .replace(
            "request_terminate_timeout = 40s",
            "request_terminate_timeout = 60s",
        );
    let wants = Wants {
        request_time: Some(base::Millis::from_secs(20)),
        ..Wants::default()
    };
    let after = sound.with(FPM, pool).fixed(&wants).0;
    assert_eq!(after.count("slowlog-above-terminate"), 0);
    let text = after.text(FPM);
    assert!(text.contains("request_terminate_timeout = 22s"), "{text}");
    assert!(text.contains("request_slowlog_timeout = 5s"), "{text}");
    assert_eq!(after.check().1, 0);
}

/// A parameter in the location would drop all those of the server.
#[test]
fn a_parameter_is_added_beside_the_others() {
    let http = site(&format!(
        "    server {{\n        listen 80;\n        fastcgi_param QUERY_STRING $query_string;\n        \
         location ~ \\.php$ {{\n            fastcgi_pass {SOCKET};\n        }}\n    }}\n"
    ));
    let world = World::sound().with(NGINX, &http);
    assert_eq!(world.count("script-filename-missing"), 1);
    let after = world.fixed(&Wants::default()).0;
    let text = after.text(NGINX);
    assert_eq!(after.count("script-filename-missing"), 0);
    let (server, location) = text.split_once("location").expect("it is there");
    assert!(
        server.contains("SCRIPT_FILENAME") && !location.contains("fastcgi_param"),
        "{text}"
    );
}

/// nginx refuses the directive inside `if`.
#[test]
fn a_directive_is_put_outside_of_if() {
    let http = site(&format!(
        "    server {{\n        listen 80;\n        location ~ \\.php$ {{\n            {PARAM}\n            \
         if ($request_method = POST) {{\n                fastcgi_pass {SOCKET};\n            }}\n        }}\n    }}\n"
    ));
    let sound = World::sound();
    let pool = sound.text(FPM).replace("= 40s", "= 100s");
    let after = sound
        .with(NGINX, &http)
        .with(FPM, pool)
        .fixed(&Wants::default())
        .0;
    let text = after.text(NGINX);
    assert!(
        text.contains("            fastcgi_read_timeout 105s;\n            if ("),
        "{text}"
    );
    assert_eq!(after.check().1, 0);
}

/// Values keep their quotes, columns stay aligned.
#[test]
fn quotes_and_columns_stay() {
    let http = site(&format!(
        "    server {{\n        listen 80;\n        location ~ \\.php$ {{\n            {PARAM}\n            \
         fastcgi_read_timeout     \"30s\";\n            fastcgi_pass             {SOCKET};\n        }}\n    }}\n"
    ));
    let after = fixed(&http).text(NGINX);
    assert_eq!(after, http.replace("\"30s\"", "\"45s\""));
    let http = http.replace("            fastcgi_read_timeout     \"30s\";\n", "");
    let sound = World::sound();
    let pool = sound.text(FPM).replace("= 40s", "= 100s");
    let after = sound
        .with(NGINX, &http)
        .with(FPM, pool)
        .fixed(&Wants::default())
        .0;
    let text = after.text(NGINX);
    assert!(
        text.contains("            fastcgi_read_timeout     105s;\n            fastcgi_pass  "),
        "{text}"
    );
}
