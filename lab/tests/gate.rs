//! The inputs on which gates are measured: the real nginx and php-fpm take those that are said to
//! be taken, and refuse the others.

use lab::scratch::Scratch;
use lab::{nginx, php};

#[path = "../../crates/badgateway/tests/cli/article.rs"]
#[expect(
    dead_code,
    reason = "what badgateway says of them is tested at the command line"
)]
mod article;

/// Paths below the scratch folder instead of below `/`.
fn moved(text: &str, dir: &str) -> String {
    let mut out = text.to_owned();
    for top in ["/etc/", "/run/", "/srv/", "/var/"] {
        out = out.replace(&format!(" {top}"), &format!(" {dir}{top}"));
        out = out.replace(&format!("unix:{top}"), &format!("unix:{dir}{top}"));
    }
    out
}

#[test]
fn the_servers_take_and_refuse_what_the_table_says() {
    for input in article::ARTICLE.iter().chain(&article::MORE) {
        let scratch = Scratch::new("gate");
        let dir = scratch.path().display().to_string();
        for folder in ["run/php", "var/log", "srv/shop"] {
            scratch.write(&format!("{folder}/.keep"), "");
        }
        for (name, text) in article::files(input) {
            let log = format!("[global]\nerror_log = {dir}/var/log/fpm.log\n");
            let text = moved(&text, &dir).replace("[global]\n", &log);
            let text = match name {
                "etc/nginx/nginx.conf" => format!("pid {dir}/run/nginx.pid;\n{text}")
                    .replace("http {\n", "http {\naccess_log off;\n")
                    .replace("listen 80", "listen 127.0.0.1:18080"),
                _ => text,
            };
            scratch.write(name, text);
        }
        let said = nginx::test(&scratch, "etc/nginx/nginx.conf");
        let takes = input.refused_by != "nginx";
        assert_eq!(said.syntax_ok, takes, "{}: {}", input.name, said.output);
        let file = scratch.path().join("etc/php/8.2/fpm/php-fpm.conf");
        let said = php::test_fpm(&file, "-t");
        let takes = input.refused_by != "php-fpm";
        let output = String::from_utf8_lossy(&said.output);
        assert_eq!(said.ok, takes, "{}: {output}", input.name);
    }
}
