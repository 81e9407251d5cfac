//! Where people put secrets, each on a line that is shown: beside a finding, in a line that the
//! server refuses, in the context of an edit. None may be seen, in no command and no format.

use crate::run::{FORMATS, POOL, nginx, run, system};

const BAD: &str = "fastcgi_read_timeout 20s;";
const CANARY: &str = "cnry77x";

/// Everything that every command prints for a system.
fn everything(root: &str) -> Vec<(String, String)> {
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for format in FORMATS {
        runs.push(vec!["check", "--strict", "--format", format]);
    }
    for format in ["full", "json"] {
        runs.push(vec!["chain", "--format", format]);
        runs.push(vec![
            "fix",
            "--unsafe",
            "--request-time",
            "90s",
            "--format",
            format,
        ]);
    }
    let all = runs.iter().map(|args| {
        let args = [args.as_slice(), &["--root", root]].concat();
        (args.join(" "), run(&args).all())
    });
    all.collect()
}

/// Lines of output that show the canary, behind their command.
fn leaks(inside: &str, pool: &str, ini: &str) -> Vec<String> {
    let folder = system(inside, &format!("{POOL}{pool}"), ini);
    let seen = everything(&folder.at(""))
        .into_iter()
        .filter_map(|(command, text)| {
            let line = text.lines().find(|line| line.contains(CANARY))?;
            Some(format!("{command}: {line}"))
        });
    seen.collect()
}

fn in_nginx(texts: &[&str]) {
    let mut seen = Vec::new();
    for text in texts {
        let text = text.replace('§', CANARY);
        // Beside a finding, and above it.
        seen.extend(leaks(&format!("{BAD} {text}"), "", ""));
        seen.extend(leaks(&format!("{text}\n{BAD}"), "", ""));
    }
    assert!(seen.is_empty(), "{seen:#?}");
}

fn in_pool(lines: &[&str]) {
    let mut seen = Vec::new();
    for line in lines {
        let line = line.replace('§', CANARY);
        seen.extend(leaks(BAD, &format!("{line}\n"), ""));
        // A password with a parenthesis and no quotes is a syntax error, which shows its line.
        let broken = line.replace(CANARY, &format!("{CANARY}(x"));
        seen.extend(leaks(BAD, &format!("{broken}\n"), ""));
    }
    assert!(seen.is_empty(), "{seen:#?}");
}

fn in_ini(lines: &[&str]) {
    let mut seen = Vec::new();
    for line in lines {
        let line = line.replace('§', CANARY);
        let broken = line.replace(CANARY, &format!("{CANARY}(x"));
        for line in [line, broken] {
            let ini = format!("max_execution_time = 100\n{line}\n");
            seen.extend(leaks(BAD, "", &ini));
        }
    }
    assert!(seen.is_empty(), "{seen:#?}");
}

#[test]
fn names_of_nginx() {
    in_nginx(&[
        "fastcgi_param DB_PASSWORD §;",
        "fastcgi_param 'DB_PASSWORD' 'a b §';",
        "fastcgi_param DB_PASSWORD\n    §;",
        "proxy_set_header Authorization \"Bearer §\";",
        "proxy_set_header X-Api-Key §;",
        "add_header Set-Cookie \"sid=§\";",
        "fastcgi_param APP_KEY base64:§;",
        "fastcgi_param AWS_SECRET_ACCESS_KEY §;",
        "secure_link_secret §;",
        "if ($arg_token = §) { return 403; }",
        "fastcgi_param CONN \"host=x password=§\";",
        "rewrite ^ https://x/?token=§;",
    ]);
}

#[test]
fn addresses_and_comments_of_nginx() {
    in_nginx(&[
        "proxy_pass http://user:§@backend/;",
        "# password = §",
        "# DB_PASSWORD=§",
        "# curl -H 'Authorization: Bearer §'",
    ]);
}

#[test]
fn lines_that_nginx_refuses() {
    for text in [
        "fastcgi_param DB_PASSWORD § }",
        "fastcgi_param DB_PASSWORD §\n",
        "fastcgi_param DB_PASSWORD \"§\n",
        "fastcgi_param DB_PASSWORD § a b c;",
    ] {
        let seen = leaks(&text.replace('§', CANARY), "", "");
        assert!(seen.is_empty(), "{seen:#?}");
    }
}

#[test]
fn pools() {
    in_pool(&[
        "env[DB_PASSWORD] = §",
        "env[API_TOKEN] = \"§\"",
        "php_admin_value[session.save_path] = \"tcp://x?auth=§\"",
        "; password = §",
        "env[A] = 1 ; DB_PASSWORD=§",
    ]);
}

#[test]
fn php_ini() {
    in_ini(&[
        "; password = §",
        "session.save_path = \"tcp://h?auth=§\"",
        "a.token = §",
    ]);
}

/// Also where the dump of a server is given instead of its files.
#[test]
fn dumps() {
    let folder = system("", POOL, "");
    let text = nginx(&format!("fastcgi_param DB_PASSWORD {CANARY}; {BAD}"));
    let dump = format!("# configuration file /etc/nginx/nginx.conf:\n{text}\n");
    let (dump, pool) = (
        folder.write("dump.txt", dump),
        folder.at("etc/php/8.2/fpm/php-fpm.conf"),
    );
    for format in FORMATS {
        let answer = run(&["check", &dump, &pool, "--format", format]);
        assert!(!answer.all().contains(CANARY), "{}", answer.all());
    }
}

/// PHP's own names of passwords, and the endings that people use.
#[test]
fn more_names() {
    in_ini(&[
        "mysqli.default_pw = §",
        "odbc.default_pw = §",
        "soap.pass = §",
    ]);
    in_pool(&[
        "php_admin_value[mysqli.default_pw] = §",
        "env[MYSQL_PW] = §",
        "env[STRIPE_KEY] = §",
        "php_admin_value[newrelic.license] = \"§\"",
    ]);
    in_nginx(&[
        "fastcgi_param PHP_AUTH_PW §;",
        "fastcgi_param STRIPE_KEY §;",
        "proxy_set_header X-Auth §;",
        "fastcgi_param NONCE_SALT §;",
        "fastcgi_param LOGGED_IN_KEY §;",
    ]);
}

#[test]
fn variables_that_are_written() {
    in_nginx(&[
        "set $token §;",
        "set $api_key \"§\";",
        "set $db_password §;",
    ]);
}

#[test]
fn inside_words() {
    in_nginx(&[
        "fastcgi_param PHP_VALUE \"mysqli.default_pw=§\";",
        "fastcgi_param CONN '{\"password\":\"§\"}';",
        "secure_link_md5 \"$secure_link_expires$uri §\";",
        "content_by_lua_block { local password = \"§\" }",
    ]);
    in_nginx(&[
        "fastcgi_param X https://§@sentry.io/1;",
        "fastcgi_param X \"http://a:b@y http://u:§@x\";",
        "proxy_pass http://u:§/x@y/;",
    ]);
    in_pool(&[
        "env[X] = \"host=x password=§\"",
        "php_admin_value[sendmail_path] = \"/usr/bin/msmtp --password=§\"",
        "; password: §",
    ]);
}

#[test]
fn in_refused_lines() {
    for text in [
        "fastcgi_param DB_PASSWORD \"abc\"§;",
        "fastcgi_read_timeout password=§;",
    ] {
        let seen = leaks(&text.replace('§', CANARY), "", "");
        assert!(seen.is_empty(), "{seen:#?}");
    }
    for line in [
        "env[PASSWORD] = \"a\nb§\"",
        "env[PASSWORD] §",
        "request_terminate_timeout = password=§",
        "include = /etc/x?password=§",
    ] {
        let seen = leaks(BAD, &format!("{}\n", line.replace('§', CANARY)), "");
        assert!(seen.is_empty(), "{seen:#?}");
    }
}
