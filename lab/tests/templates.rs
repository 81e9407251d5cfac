//! What `--set` makes of a template is what the real engine makes of it, and the real servers take
//! it.

use std::io::Write;
use std::process::{Command, Stdio};

use lab::nginx::test_config;
use lab::php::test_fpm;
use lab::scratch::Scratch;
use syntax::holes::{Language, fill, plain_name};

/// Ansible's way to fill a template: Jinja with `trim_blocks`.
const JINJA: &str = "import json, sys, jinja2\n\
    given = json.load(sys.stdin)\n\
    env = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)\n\
    sys.stdout.write(env.from_string(given['template']).render(**given['values']))\n";

fn answer(command: &mut Command, input: &str) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the engine is installed: cargo xtask setup");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn jinja(template: &str, values: &[(&str, &str)]) -> String {
    let mut all = serde_json::Map::new();
    for (name, value) in values {
        let value = match *value {
            "true" => serde_json::Value::Bool(true),
            "false" => serde_json::Value::Bool(false),
            text => serde_json::Value::from(text),
        };
        match name.split_once('.') {
            Some((outer, inner)) => {
                let entry = all.entry(outer).or_insert_with(|| serde_json::json!({}));
                entry[inner] = value;
            }
            None => drop(all.insert((*name).to_owned(), value)),
        }
    }
    let given = serde_json::json!({ "template": template, "values": all });
    let mut python = Command::new("python3");
    answer(python.args(["-c", JINJA]), &given.to_string())
}

fn envsubst(template: &str, values: &[(&str, &str)]) -> String {
    let names: Vec<String> = values
        .iter()
        .map(|(name, _)| format!("${{{name}}}"))
        .collect();
    let mut command = Command::new("envsubst");
    command.arg(names.join(" ")).envs(values.iter().copied());
    answer(&mut command, template)
}

fn ours(template: &str, language: Language, values: &[(&str, &str)]) -> String {
    let value = |name: &str| {
        let name = plain_name(name).unwrap_or_else(|| name.to_owned());
        let mut known = values.iter().filter(|(known, _)| *known == name);
        known.next().map(|(_, value)| (*value).to_owned())
    };
    let filled = fill(template.as_bytes(), language, &value).expect("it has holes");
    String::from_utf8(filled.bytes).expect("text")
}

/// Engines differ in the blank lines that conditions leave.
fn lines(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_end);
    lines.filter(|line| !line.trim().is_empty()).collect()
}

const NGINX: &str = "{# made by a play #}
events {}
pid logs/nginx.pid;
error_log logs/error.log;
http {
    server {
        listen 127.0.0.1:{{ port }}{% if plain %} default_server{% endif %};
        server_name {{ site['name'] | default('nobody') }};
{% if status %}
        location = /status { stub_status; }
{% else %}
        location = /status { return 404; }
{% endif %}
{% if not plain %}
        this is no directive at all
{% elif status %}
        location /one { return 204; }
{% else %}
        neither is this
{% endif %}
        location ~ \\.php$ {
            fastcgi_pass unix:/run/{{ pool }}.sock;
            fastcgi_read_timeout {{ timeout }}s;
            fastcgi_param NAME \"{{ site.name }} of {{ pool }}\";
        }
    }
}
";

#[test]
fn jinja_and_nginx() {
    let values = [
        ("port", "8089"),
        ("plain", "true"),
        ("status", "true"),
        ("site.name", "shop.example"),
        ("pool", "www"),
        ("timeout", "65"),
    ];
    let (real, filled) = (jinja(NGINX, &values), ours(NGINX, Language::Nginx, &values));
    let comment = |line: &&str| !line.starts_with("{#");
    let filled_lines = lines(&filled);
    let filled_lines: Vec<&str> = filled_lines.into_iter().filter(comment).collect();
    assert_eq!(lines(&real), filled_lines);
    let scratch = test_config(&[("nginx.conf", real.as_bytes())]);
    assert!(scratch.syntax_ok, "{}", scratch.said());
    let without_comment = filled_lines.join("\n");
    let verdict = test_config(&[("nginx.conf", without_comment.as_bytes())]);
    assert!(verdict.syntax_ok, "{}", verdict.said());
    // As it is written, nginx takes none of it.
    assert!(!test_config(&[("nginx.conf", NGINX.as_bytes())]).syntax_ok);
}

#[test]
fn jinja_and_fpm() {
    let template = "[global]\nerror_log = /tmp/{{ name }}.log\n[{{ name }}]\nuser = www-data\n\
        listen = /tmp/{{ name }}-{{ php.version }}.sock\npm = {{ pm | default('static') }}\n\
        {% if pm == 'x' %}\n{% endif %}\npm.max_children = {{ children | int }}\n\
        {% if slow %}\nrequest_slowlog_timeout = 5s\nslowlog = /tmp/{{ name }}.slow\n{% endif %}\n";
    for slow in ["true", "false"] {
        let values = [
            ("name", "www"),
            ("php.version", "82"),
            ("pm", "static"),
            ("children", "5"),
            ("slow", slow),
        ];
        let (real, filled) = (
            jinja(template, &values),
            ours(template, Language::Ini, &values),
        );
        let undecided = |line: &&str| !line.starts_with("{%");
        let filled: Vec<&str> = lines(&filled).into_iter().filter(undecided).collect();
        assert_eq!(lines(&real), filled);
        let scratch = Scratch::new("templates");
        let file = scratch.write("php-fpm.conf", filled.join("\n") + "\n");
        let verdict = test_fpm(&file, "-t");
        assert!(verdict.ok, "{verdict:?}");
    }
}

#[test]
fn envsubst_and_nginx() {
    let template = "events {}\npid logs/nginx.pid;\nerror_log logs/error.log;\nhttp {\n    server {\n        \
        listen 127.0.0.1:${PORT};\n        server_name $NAME www.${NAME};\n        \
        location ~ \\.php$ {\n            fastcgi_pass unix:/run/${POOL}.sock;\n            \
        fastcgi_read_timeout ${TIMEOUT}s;\n            \
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n            \
        fastcgi_param HOST ${host};\n        }\n    }\n}\n";
    let values = [
        ("PORT", "8089"),
        ("NAME", "shop.example"),
        ("POOL", "www"),
        ("TIMEOUT", "65"),
    ];
    let (real, filled) = (
        envsubst(template, &values),
        ours(template, Language::Nginx, &values),
    );
    assert_eq!(real, filled);
    let verdict = test_config(&[("nginx.conf", filled.as_bytes())]);
    assert!(verdict.syntax_ok, "{}", verdict.said());
}
