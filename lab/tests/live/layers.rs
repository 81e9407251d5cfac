//! Who wins when php.ini, `.user.ini`, the pool and nginx all set one PHP setting.

use lab::live::Stack;
use model::chain::chains;

use crate::stack::{fpm, texts};

const LAYERS: [&str; 5] = ["user_ini", "value", "param", "admin", "admin_param"];

/// One of the 32 combinations: which layers set the setting.
#[derive(Clone, Copy)]
struct Combination(usize);

impl Combination {
    fn has(self, layer: &str) -> bool {
        let at = LAYERS.iter().position(|name| *name == layer);
        at.is_some_and(|at| self.0 & (1 << at) != 0)
    }

    fn pool(self) -> String {
        let part = |layer, name| if self.has(layer) { name } else { "" };
        format!("p{}{}", part("value", "v"), part("admin", "a"))
    }

    fn root(self) -> &'static str {
        if self.has("user_ini") {
            "@DIR@/www/own"
        } else {
            "@DIR@/www/plain"
        }
    }

    /// A server of its own, so that each has its own document root.
    fn server(self) -> String {
        let param = |layer, name: &str, value: u32| match self.has(layer) {
            true => format!(
                "fastcgi_param {name} \"memory_limit={value}M\nmax_execution_time={value}\";\n"
            ),
            false => String::new(),
        };
        format!(
            "server {{\nlisten 127.0.0.1:@PORT@;\nserver_name c{}.example;\nroot {};\n\
             location ~ \\.php$ {{\n\
             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
             fastcgi_param DOCUMENT_ROOT $document_root;\n\
             fastcgi_param QUERY_STRING $query_string;\n\
             fastcgi_param REQUEST_METHOD $request_method;\n{}{}\
             fastcgi_pass unix:@DIR@/{}.sock;\n}}\n}}\n",
            self.0,
            self.root(),
            param("param", "PHP_VALUE", 73),
            param("admin_param", "PHP_ADMIN_VALUE", 75),
            self.pool(),
        )
    }
}

/// Four pools: with and without `php_value` and `php_admin_value`, each written twice.
fn pools() -> String {
    let pool = |name: &str, settings: &str| {
        format!(
            "[{name}]\nuser = www-data\nlisten = @DIR@/{name}.sock\nlisten.owner = www-data\n\
             pm = static\npm.max_children = 1\npm.max_requests = 1\n{settings}"
        )
    };
    // Each twice: the first of equal names is in force.
    let set = |kind: &str, value: u32| {
        let twice = [value, value + 10].map(|value| {
            format!("{kind}[memory_limit] = {value}M\n{kind}[max_execution_time] = {value}\n")
        });
        twice.concat()
    };
    let (value, admin) = (set("php_value", 72), set("php_admin_value", 74));
    [
        pool("p", ""),
        pool("pv", &value),
        pool("pa", &admin),
        pool("pva", &format!("{value}{admin}")),
    ]
    .concat()
}

#[test]
fn the_model_knows_who_wins() {
    const SHOW: &str = "<?php echo ini_get('memory_limit'), ' ', ini_get('max_execution_time');";
    const SET: &str = "memory_limit = 70M\nmax_execution_time = 70\n";
    let all: Vec<Combination> = (0..1 << LAYERS.len()).map(Combination).collect();
    let servers: String = all.iter().map(|c| c.server()).collect();
    let mut texts = texts(&servers, &pools(), SET);
    texts.scripts.push(("own/show.php", SHOW.to_owned()));
    texts
        .scripts
        .push(("own/.user.ini", SET.replace("70", "71")));
    texts.scripts.push(("plain/show.php", SHOW.to_owned()));
    let stack = Stack::start(&texts);
    let model = stack.model();
    let chains = chains(&model);
    let mut failures = Vec::new();
    for (combination, chain) in all.iter().zip(&chains) {
        let layers: Vec<_> = LAYERS.iter().filter(|l| combination.has(l)).collect();
        let said = ["memory_limit", "max_execution_time"].map(|name| {
            let said = chain.php(name).expect("all files are there");
            String::from_utf8_lossy(&said.value).into_owned()
        });
        let said = said.join(" ");
        let host = format!("c{}.example", combination.0);
        let seen = stack.nginx.get(&host, "/show.php").text();
        let seen = seen.rsplit("\r\n").next().unwrap_or_default().to_owned();
        if seen != said {
            failures.push(format!("{layers:?}: PHP {seen}, we {said}"));
        }
    }
    assert_eq!(chains.len(), all.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What one request brings along stays with the worker: a later request sees it that never asked
/// for it.
#[test]
fn a_parameter_stays_in_the_worker() {
    let server = |name: &str, param: &str| {
        format!(
            "server {{\nlisten 127.0.0.1:@PORT@;\nserver_name {name};\nroot @DIR@/www;\n\
             location ~ \\.php$ {{\n\
             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
             fastcgi_param QUERY_STRING $query_string;\n\
             fastcgi_param REQUEST_METHOD $request_method;\n{param}\
             fastcgi_pass unix:@DIR@/www.sock;\n}}\n}}\n"
        )
    };
    let with = "fastcgi_param PHP_VALUE \"max_execution_time=75\";\n";
    let http = [server("with.example", with), server("without.example", "")].concat();
    let one = fpm("pm.max_children = 1\n");
    let stack = Stack::start(&texts(&http, &one, "max_execution_time = 70\n"));
    let see = |host: &str| {
        stack
            .nginx
            .get(host, "/value.php?max_execution_time")
            .text()
    };
    assert!(see("without.example").ends_with("70"));
    assert!(see("with.example").ends_with("75"));
    let after = see("without.example");
    assert!(after.ends_with("75"), "{after}");
}
