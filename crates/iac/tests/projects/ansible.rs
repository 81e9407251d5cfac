//! Ansible: what nobody should write, and edits that go to where a value is given.

use std::time::{Duration, Instant};

use crate::project::Project;

/// More than any of these takes, in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

fn said(files: &[(&str, &str)]) -> String {
    let begin = Instant::now();
    let said = Project::of(files).said();
    assert!(begin.elapsed() < LONGEST, "it took {:?}", begin.elapsed());
    said
}

const SITE: &str = "server {\n    listen 80;\n    location / {\n        fastcgi_pass 127.0.0.1:9000;\n        \
                    include fastcgi.conf;\n        fastcgi_read_timeout {{ t }};\n    }\n}\n";

/// A play with these tasks on top of packages.
fn play(tasks: &str) -> String {
    format!("- hosts: web\n  tasks:\n    - apt: {{name: [nginx, php8.2-fpm]}}\n{tasks}")
}

const INVENTORY: (&str, &str) = ("inventory.ini", "[web]\nw1\n");

#[test]
fn broken_yaml() {
    let out = said(&[("site.yml", "- hosts: web\n  tasks: [1, 2\n"), INVENTORY]);
    assert!(out.contains("problem site.yml:"), "{out}");
    assert!(out.contains("this is no YAML"), "{out}");
    let role = said(&[
        ("site.yml", "- hosts: web\n  roles: [a]\n"),
        ("roles/a/tasks/main.yml", "- copy:\n   dest: [\n"),
        ("roles/a/defaults/main.yml", "a: b\n c: d\n"),
        INVENTORY,
    ]);
    assert!(
        role.contains("problem roles/a/defaults/main.yml:2: this is no YAML"),
        "{role}"
    );
    assert!(role.contains("roles/a/tasks/main.yml:"), "{role}");
}

#[test]
fn tasks_that_include_themselves() {
    let tasks = play("    - include_tasks: a.yml\n");
    let out = said(&[
        ("site.yml", &tasks),
        ("a.yml", "- include_tasks: b.yml\n- include_tasks: b.yml\n"),
        ("b.yml", "- import_tasks: a.yml\n- import_tasks: a.yml\n"),
        INVENTORY,
    ]);
    assert!(out.contains("include each other"), "{out}");
}

#[test]
fn roles_that_need_themselves() {
    let out = said(&[
        ("site.yml", "- hosts: web\n  roles: [a]\n"),
        ("roles/a/tasks/main.yml", "- apt: {name: nginx}\n"),
        ("roles/a/meta/main.yml", "dependencies: [b]\n"),
        ("roles/b/meta/main.yml", "dependencies: [{role: a}]\n"),
        ("roles/b/tasks/main.yml", "- debug:\n"),
        INVENTORY,
    ]);
    assert!(out.contains("needs itself"), "{out}");
    let books = said(&[
        ("site.yml", "- import_playbook: other.yml\n"),
        ("other.yml", "- import_playbook: other.yml\n"),
    ]);
    assert!(books.contains("import each other"), "{books}");
}

#[test]
fn variables_in_a_circle() {
    let tasks = play("    - template: src=s.j2 dest=/etc/nginx/conf.d/s.conf\n");
    let out = said(&[
        ("site.yml", &tasks),
        ("s.j2", SITE),
        ("group_vars/all.yml", "t: '{{ u }}'\nu: '{{ t }}'\n"),
        INVENTORY,
    ]);
    assert!(out.contains("problem `t` is filled in elsewhere"), "{out}");
}

#[test]
fn a_bomb_of_anchors() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for at in 1..20 {
        let below = at - 1;
        let ten = vec![format!("*a{below}"); 10].join(", ");
        bomb += &format!("a{at}: &a{at} [{ten}]\n");
    }
    bomb += "t: '{{ a19 }}'\n";
    let tasks = play(
        "    - template: src=s.j2 dest=/etc/nginx/conf.d/s.conf\n\
         \x20   - set_fact: {t2: \"{{ a19 | length }}\"}\n      loop: \"{{ a19 | flatten }}\"\n",
    );
    let out = said(&[
        ("site.yml", &tasks),
        ("s.j2", SITE),
        ("group_vars/all.yml", &bomb),
        INVENTORY,
    ]);
    assert!(out.contains("problem `t` is filled in elsewhere"), "{out}");
}

#[test]
fn a_template_that_includes_itself() {
    let tasks = play("    - template: src=s.j2 dest=/etc/nginx/conf.d/s.conf\n");
    let out = said(&[
        ("site.yml", &tasks),
        ("s.j2", "{% include 's.j2' %}\n"),
        INVENTORY,
    ]);
    assert!(
        out.contains("the statement `include` of Jinja is not read"),
        "{out}"
    );
}

#[test]
fn ten_thousand_hosts() {
    let tasks = play("    - template: src=s.j2 dest=/etc/nginx/conf.d/s.conf\n");
    let hosts = "[web]\nw[00001:10000] \n[web:vars]\nt=60s\n";
    let files = [
        ("site.yml", tasks.as_str()),
        ("s.j2", SITE),
        ("inventory.ini", hosts),
    ];
    let out = said(&files);
    assert_eq!(out.matches("machine ").count(), 1, "{}", out.len());
    assert!(out.contains("and 9997 more"), "{}", &out[..200]);
    // Each with a value of its own.
    let many: String = (0..10_000).map(|at| format!("w{at} t={at}s\n")).collect();
    let hosts = format!("[web]\n{many}");
    let files = [
        ("site.yml", tasks.as_str()),
        ("s.j2", SITE),
        ("inventory.ini", hosts.as_str()),
    ];
    let out = said(&files);
    assert!(out.contains("kinds were not looked at"), "{}", out.len());
}

#[test]
fn deep_and_long_templates() {
    let tasks = play("    - template: src=s.j2 dest=/etc/nginx/conf.d/s.conf\n");
    let deep = "{% if true %}".repeat(10_000);
    let brackets = format!("{{{{ {} }}}}", "(".repeat(50_000));
    let rounds = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    let long = "{% for a in range(9999) %}{{ big }}{% endfor %}";
    let big = format!("big: '{}'\n", "y".repeat(100_000));
    for template in [
        deep.as_str(),
        brackets.as_str(),
        rounds,
        long,
        "{{ 'a' * 999999999 }}",
    ] {
        let files = [
            ("site.yml", tasks.as_str()),
            ("s.j2", template),
            ("group_vars/all.yml", big.as_str()),
            INVENTORY,
        ];
        let out = said(&files);
        assert!(out.contains("problem "), "{}", &out[..out.len().min(500)]);
    }
}

#[test]
fn values_of_every_wrong_kind() {
    let values = [
        "~",
        "7",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "{a: ~}",
        "'{{'",
        "'{{ }}'",
        "'{{ a. }}'",
        "'{%'",
        "'{{ [1, }}'",
    ];
    let modules = [
        "template",
        "copy",
        "lineinfile",
        "blockinfile",
        "ini_file",
        "replace",
        "assemble",
        "file",
        "apt",
        "include_tasks",
        "include_role",
        "set_fact",
        "include_vars",
        "shell",
        "block",
    ];
    let mut tasks = String::new();
    for value in values {
        for module in modules {
            tasks += &format!("    - {module}: {value}\n");
            for field in [
                "src", "dest", "path", "content", "regexp", "line", "name", "state", "value",
                "option",
            ] {
                tasks += &format!(
                    "    - {module}: {{path: /etc/nginx/x.conf, {field}: {value}, line: x}}\n"
                )
                .replace(
                    &format!(", {field}: {value}, line: x"),
                    &match field {
                        "path" => String::new(),
                        "line" => format!(", line: {value}"),
                        _ => format!(", {field}: {value}, line: x"),
                    },
                );
            }
            tasks += &format!(
                "    - {module}: a\n      when: {value}\n      loop: {value}\n      vars: {value}\n"
            );
        }
    }
    let tasks = play(&tasks);
    said(&[("site.yml", &tasks), INVENTORY]);
}

/// The same project, fixed.
fn fixed(files: &[(&str, &str)]) -> Project {
    let mut project = Project::of(files);
    project.fix();
    project
}

#[test]
fn a_value_is_edited_where_it_is_given() {
    let pool = "[www]\nuser = www-data\nlisten = 127.0.0.1:9000\npm = static\npm.max_children = 2\n\
                request_terminate_timeout = 90s\nphp_admin_value[max_execution_time] = 30\n";
    let tasks = play(
        "    - template: src=s.j2 dest=/etc/nginx/conf.d/s.conf\n\
         \x20   - copy: src=pool.conf dest=/etc/php/8.2/fpm/pool.d/www.conf\n",
    );
    let vars = "# The site.\nt: 60s   # as ever\nu: '{{ t }}'\n";
    let files = [
        ("site.yml", tasks.as_str()),
        ("s.j2", SITE),
        ("pool.conf", pool),
        ("group_vars/all.yml", vars),
        INVENTORY,
    ];
    let before = Project::of(&files).said();
    assert!(
        before.contains("read-timeout-below-terminate @ s.j2:6"),
        "{before}"
    );
    let project = fixed(&files);
    let text = |name: &str| String::from_utf8_lossy(&project.0[name]).into_owned();
    assert_eq!(text("s.j2"), SITE, "the hole stays");
    let new = text("group_vars/all.yml");
    assert_ne!(new, vars);
    assert!(
        new.starts_with("# The site.\nt: 1") && new.contains("s   # as ever\nu: "),
        "{new}"
    );
    let after = project.said();
    assert!(!after.contains("read-timeout-below-terminate"), "{after}");
}

#[test]
fn a_value_that_is_used_twice_stays() {
    let pool = "[www]\nuser = www-data\nlisten = 127.0.0.1:9000\npm = static\npm.max_children = 2\n\
                request_terminate_timeout = 90s\n";
    let tasks = play(
        "    - template: src=s.j2 dest=/etc/nginx/conf.d/s.conf\n\
         \x20   - template: src=s.j2 dest=/etc/nginx/conf.d/t.conf\n\
         \x20   - template: src=other.j2 dest=/srv/app/settings\n\
         \x20   - copy: src=pool.conf dest=/etc/php/8.2/fpm/pool.d/www.conf\n",
    );
    let files = [
        ("site.yml", tasks.as_str()),
        ("s.j2", SITE),
        ("other.j2", "patience={{ t }}\n"),
        ("pool.conf", pool),
        ("group_vars/all.yml", "t: 60s\n"),
        INVENTORY,
    ];
    let project = fixed(&files);
    assert_eq!(project.0["group_vars/all.yml"], b"t: 60s\n");
    assert_eq!(project.0["s.j2"], SITE.as_bytes());
    let (_, left) = Project::of(&files).left();
    let words = "`{{ t }}` is given at group_vars/all.yml:1 and filled in at 2 places";
    assert!(left.iter().any(|line| line.contains(words)), "{left:?}");
}

#[test]
fn a_line_of_a_task_is_edited_in_the_task() {
    let tasks = play(
        "    - copy:\n        dest: /etc/nginx/conf.d/s.conf\n        content: |\n          server {\n            \
         location / {\n              fastcgi_pass unix:/run/php/php8.2-fpm.sock;\n              \
         include fastcgi.conf;\n            }\n          }\n\
         \x20   - lineinfile:\n        path: /etc/nginx/conf.d/s.conf\n        insertafter: include fastcgi\n        \
         line: '    fastcgi_read_timeout 40s;'\n\
         \x20   - lineinfile:\n        path: /etc/php/8.2/fpm/pool.d/www.conf\n        regexp: ^request_term\n        \
         line: request_terminate_timeout = 90s\n",
    );
    let files = [("site.yml", tasks.as_str()), INVENTORY];
    let before = Project::of(&files).said();
    assert!(before.contains("T 90s R 40s"), "{before}");
    let line = tasks
        .lines()
        .position(|line| line.contains("read_timeout 40s"))
        .unwrap()
        + 1;
    let finding = format!("read-timeout-below-terminate @ site.yml:{line}\n");
    assert!(before.contains(&finding), "{before}");
    let project = fixed(&files);
    let after = project.said();
    let text = String::from_utf8_lossy(&project.0["site.yml"]).into_owned();
    assert!(
        !after.contains("read-timeout-below-terminate"),
        "{after}{text}"
    );
    assert!(!text.contains("read_timeout 40s"), "{text}");
    assert!(
        text.contains("        line: '    fastcgi_read_timeout "),
        "{text}"
    );
}

#[test]
fn a_site_that_is_linked_is_edited_too() {
    let mut project = Project::fixture("ansible", "role-pair");
    project.fix();
    let name = "roles/nginx/defaults/main.yml";
    let text = String::from_utf8_lossy(&project.0[name]).into_owned();
    assert!(
        text.contains("nginx_fastcgi_read_timeout: 165s\n"),
        "{text}"
    );
}
