//! Holes of every syntax, and what only looks like one.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use syntax::holes::{Kind, Language, Template, fill};
use syntax::ini::{self, Dialect};
use syntax::nginx;

fn holes(text: &str, language: Language) -> Vec<(Kind, String, Option<String>)> {
    let template = Template::read(text.as_bytes(), language);
    let holes = template.holes().iter();
    holes
        .map(|hole| (hole.kind, hole.name.clone(), hole.default.clone()))
        .collect()
}

#[test]
fn every_syntax() {
    let values = [
        ("root {{ doc_root }};", "doc_root", None),
        ("t {{ t | default('60s') }};", "t", Some("60s")),
        (
            "t {{ php.fpm['t'] | d(60) | int }}s;",
            "php.fpm.t",
            Some("60"),
        ),
        ("t {{- .Values.fpm.t -}}s;", "Values.fpm.t", None),
        (
            "t {{ .Values.t | default 60 | quote }};",
            "Values.t",
            Some("60"),
        ),
        ("t {{ default 60 .Values.t }};", "Values.t", Some("60")),
        ("t {{ $t }};", "t", None),
        ("t {{{ t }}};", "t", None),
        ("t {{ t * 2 }};", "t * 2", None),
        ("listen <%= @port %>;", "port", None),
        ("listen <%= @port || 80 %>;", "port", Some("80")),
        ("listen <%= node['php']['port'] -%>;", "node.php.port", None),
        ("listen <%= $nginx::port %>;", "nginx::port", None),
        ("root __INSTALL_DIR__/www;", "INSTALL_DIR", None),
        (
            "pass unix:/run/php__PHPVERSION__-fpm.sock;",
            "PHPVERSION",
            None,
        ),
        ("root @datadir@/www;", "datadir", None),
        ("name lib@VERSION@.so;", "VERSION", None),
        ("root %root-dir%/www;", "root-dir", None),
        ("root %%root%%;", "root", None),
        ("server_name <DOMAIN>;", "DOMAIN", None),
        ("server_name <your-domain>;", "your-domain", None),
        ("server_name ${DOMAIN};", "DOMAIN", None),
        ("server_name $NGINX_HOST;", "NGINX_HOST", None),
        ("t ${T:-60};", "T", Some("60")),
    ];
    for (text, name, default) in values {
        let want = (Kind::Value, name.to_owned(), default.map(str::to_owned));
        assert_eq!(holes(text, Language::Nginx), [want], "{text}");
    }
    let others = [
        ("{% if a %}", Kind::Open, "if a"),
        ("{%- elif b -%}", Kind::Else, "elif b"),
        ("{% else %}", Kind::Else, "else"),
        ("{% endif %}", Kind::Close, "endif"),
        ("{% for a in b %}", Kind::Open, "for a in b"),
        ("{% set a = 1 %}", Kind::Silent, ""),
        ("{# {{ a }} #}", Kind::Comment, ""),
        ("{{/* a */}}", Kind::Comment, ""),
        ("{{- if .Values.a }}", Kind::Open, "if .Values.a"),
        ("{{ else if .b }}", Kind::Else, "else if .b"),
        ("{{- end }}", Kind::Close, "end"),
        ("{{ $a := .b }}", Kind::Silent, ""),
        ("{{#if a}}", Kind::Open, "if a"),
        ("{{/if}}", Kind::Close, "/if"),
        ("{{ ansible_managed | comment }}", Kind::Comment, ""),
        ("<% if @a -%>", Kind::Open, "if @a"),
        ("<% @list.each do |x| %>", Kind::Open, "@list.each do |x|"),
        ("<% if $a { -%>", Kind::Open, "if $a"),
        ("<% } else { %>", Kind::Else, "} else"),
        ("<% } %>", Kind::Close, "}"),
        ("<%# a %>", Kind::Comment, ""),
    ];
    for (text, kind, name) in others {
        let want = (kind, name.to_owned(), None);
        assert_eq!(holes(text, Language::Nginx), [want], "{text}");
    }
}

/// Each of these stands in a file that a server reads as it is.
#[test]
fn what_only_looks_like_a_hole() {
    let nginx = [
        "location @fallback { }",
        "error_page 502 @a; error_page 504 @b;",
        "set $a $host$request_uri;",
        "root /srv/${host}/$server_name;",
        "fastcgi_param A $Host;",
        "location ~ ^/(?<name>[a-z]{2})/(?P<NAME>.*)$ { }",
        "rewrite ^ \\k<NAME>;",
        "log_format a '$remote_addr - [$time_local] \"$request\" <$status>';",
        "return 200 '<html><head></head><BODY>x</BODY></html>';",
        "return 301 https://a.example/%E4%B8%AD%E6%96%87/%2Fa%20b;",
        "auth_basic_user_file /etc/a@b.example@c;",
        "add_header A a@b.example;",
        "content_by_lua_block { local t = {{1, 2}, {3, 4}} }",
        "content_by_lua_block { local t = {{a = 1}, {b = 2}} }",
        "log_format b escape=json '{\"a\":{\"b\":\"$c\"}}';",
        "location ~ \\d{2}{ }",
        "server {# a comment of nginx\n    #}\n}",
        "fastcgi_param A __FILE__;",
    ];
    for text in nginx {
        assert_eq!(holes(text, Language::Nginx), [], "{text}");
    }
    let ini = [
        "access.format = \"%R - %u %t \\\"%m %r%Q%q\\\" %s %f %{mega}M %{user}C%%\"",
        "access.format = \"%{%Y-%m-%dT%H:%M:%S%z}t\"",
        "listen = /run/php-fpm-$pool.sock",
        "env[PATH] = $PATH",
        "sendmail_path = /usr/sbin/sendmail -t -i -f www@my.domain.com",
        "date.timezone = \"Europe/Berlin\"",
        "error_reporting = E_ALL & ~E_DEPRECATED",
        "unserialize_callback_func = __autoload",
        "error_prepend_string = \"<span style='color: #ff0000'>\"",
        "url_rewriter.tags = \"a=href,area=href,frame=src,form=,fieldset=\"",
        "process_title = a__b__c",
    ];
    for text in ini {
        assert_eq!(holes(text, Language::Ini), [], "{text}");
    }
}

fn masked(text: &str, language: Language) -> String {
    let template = Template::read(text.as_bytes(), language);
    let masked = template.masked(text.as_bytes()).to_vec();
    assert_eq!(masked.len(), text.len(), "{text}");
    String::from_utf8(masked).expect("text stays text")
}

#[test]
fn words_stay_words_and_lines_stay_lines() {
    let text = "a {{ b }}s;\n{{ lines }}\n{% if c %}\nd 1;{# x #}\n{% endif %}\n";
    let want = "a xxxxxxxs;\n           \n          \nd 1;       \n           \n";
    assert_eq!(masked(text, Language::Nginx), want);
    let gaps = Template::read(text.as_bytes(), Language::Nginx);
    let names: Vec<&str> = gaps.gaps().iter().map(|gap| gap.name.as_str()).collect();
    assert_eq!(names, ["lines"]);
    // Inside a directive a condition is a part of its words.
    let text = "listen 80{% if s %} ssl{% endif %};";
    let tree = nginx::parse(masked(text, Language::Nginx).as_bytes());
    assert!(tree.errors().is_empty());
    assert_eq!(tree.len(), 1);
    let text = "[{{ pool }}]\nlisten = \"{{ a \n }}\"\n{% for x in y %}\nenv[{{ x }}] = {{ x }}\n";
    let tree = ini::parse(masked(text, Language::Ini).as_bytes(), Dialect::PhpIni);
    assert_eq!(tree.errors(), []);
}

#[test]
fn conditions_keep_their_branches_apart() {
    let text =
        "{% if a %}\nx 1;\n{% else %}\nx 2;\n{% if b %}\ny 3;\n{% endif %}\n{% endif %}\nz 4;";
    let template = Template::read(text.as_bytes(), Language::Nginx);
    let at = |word: &str| u32::try_from(text.find(word).unwrap()).unwrap();
    let branches = |word: &str| {
        let all = template.branches(at(word));
        all.map(|branch| (branch.region, branch.branch))
            .collect::<Vec<_>>()
    };
    assert_eq!(branches("x 1"), [(0, 0)]);
    assert_eq!(branches("x 2"), [(0, 1)]);
    assert_eq!(branches("y 3"), [(1, 0), (0, 1)]);
    assert_eq!(branches("z 4"), []);
    let condition = template.condition(at("y 3"), Some(at("x 2")));
    assert_eq!(condition.map(|region| region.name.as_str()), Some("if b"));
    assert!(template.condition(at("x 2"), Some(at("x 1"))).is_none());
}

fn filled(text: &str, language: Language, given: &[(&str, &str)]) -> String {
    let value = |name: &str| {
        let mut found = given.iter().filter(|(known, _)| *known == name);
        found.next().map(|(_, value)| (*value).to_owned())
    };
    match fill(text.as_bytes(), language, &value) {
        Some(filled) => {
            let mut at = 0;
            for piece in &filled.pieces {
                assert_eq!(piece.inner.start, at, "{text}");
                at = piece.inner.end;
            }
            assert_eq!(at as usize, filled.bytes.len(), "{text}");
            String::from_utf8(filled.bytes).expect("text stays text")
        }
        None => text.to_owned(),
    }
}

#[test]
fn values_and_conditions_are_filled_in() {
    let given = [
        ("t", "60"),
        ("Values.t", "70"),
        ("a", "true"),
        ("b", "off"),
        ("T", "80"),
        ("TT", "90"),
    ];
    let cases = [
        ("x {{ t }}s;", "x 60s;"),
        ("x {{ t | default('1') }}s;", "x 60s;"),
        ("x {{ .Values.t | quote }};", "x \"70\";"),
        ("x {{ t * 2 }}s;", "x {{ t * 2 }}s;"),
        ("x {{ other }} ${T} $TT ${t};", "x {{ other }} 80 90 ${t};"),
        ("{% if a %}x 1;{% else %}x 2;{% endif %}", "x 1;"),
        (
            "{% if b %}x 1;{% elif a %}x 2;{% else %}x 3;{% endif %}",
            "x 2;",
        ),
        ("{% if not a %}x {{ t }};{% endif %}y;", "y;"),
        (
            "{% if c %}x {{ t }};{% else %}{% if a %}y;{% endif %}{% endif %}",
            "{% if c %}x 60;{% else %}y;{% endif %}",
        ),
        ("{{ if .a }}x;{{ else }}y;{{ end }}", "x;"),
        ("<% unless @b %>x <%= @t %>;<% end %>", "x 60;"),
        ("<% if $a { %>x;<% } else { %>y;<% } %>", "x;"),
        ("{% if a %}x;", "{% if a %}x;"),
    ];
    for (text, want) in cases {
        assert_eq!(filled(text, Language::Nginx, &given), want, "{text}");
    }
    // FPM hands `$T` to its workers, and reads `${T}` itself.
    assert_eq!(
        filled("env[T] = $T\nlisten = ${T}", Language::Ini, &given),
        "env[T] = $T\nlisten = 80"
    );
}

#[test]
fn sizes_that_no_honest_file_has() {
    const MANY: usize = 100_000;
    let all = [
        "{% if a %}".repeat(MANY),
        format!(
            "{}{}",
            "{% if a %}".repeat(MANY),
            "{% endif %}".repeat(MANY)
        ),
        "{{".repeat(2 * MANY),
        "{{ a".repeat(MANY),
        "{% a".repeat(MANY),
        "{# a\n".repeat(MANY),
        "<% a".repeat(MANY),
        "<".repeat(2 * MANY),
        "@a".repeat(MANY),
        "__A".repeat(MANY),
        "%a".repeat(MANY),
        "${A:-".repeat(MANY),
        "{{ a }}".repeat(MANY),
        "{{ a }}\n".repeat(MANY),
        format!("{}{{{{ a }}}}", " ".repeat(4 << 20)),
        format!("{{{{ {} }}}}", "a".repeat(1 << 20)),
        format!("{{{{ a{} }}}}", " | b".repeat(MANY)),
        "{{ \0 }}\0{% if \0 %}".repeat(1000),
    ];
    for text in &all {
        for language in [Language::Nginx, Language::Ini] {
            let template = Template::read(text.as_bytes(), language);
            assert_eq!(template.masked(text.as_bytes()).len(), text.len());
            let first = Template::of_first_branches(text.as_bytes(), language);
            assert_eq!(first.masked(text.as_bytes()).len(), text.len());
            fill(text.as_bytes(), language, &|_| Some("true".to_owned()));
        }
    }
}

/// Brackets and names of every syntax, and what is around them in a file.
fn soup() -> impl Strategy<Value = String> {
    let part = proptest::sample::select(vec![
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "<%",
        "<%=",
        "%>",
        "@",
        "__",
        "%",
        "<",
        ">",
        "${",
        "}",
        "$",
        "if a",
        "else",
        "endif",
        "end",
        " ",
        "\n",
        ";",
        "{",
        "\"",
        "'",
        "\\",
        "#",
        "A",
        "bc",
        "=",
        "[",
        "]",
        "| default(1)",
        "é",
        "x 1;",
    ]);
    proptest::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x5eed_0031),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_parsed_is_as_long_and_differs_in_holes_alone(text in soup()) {
        for language in [Language::Nginx, Language::Ini] {
            let template = Template::read(text.as_bytes(), language);
            let masked = template.masked(text.as_bytes());
            prop_assert_eq!(masked.len(), text.len());
            let in_hole = |at: usize| {
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                template.holes().iter().any(|hole| hole.start <= at && at < hole.end)
            };
            for (at, (new, old)) in masked.iter().zip(text.as_bytes()).enumerate() {
                prop_assert!(new == old || in_hole(at), "{:?} at {}", text, at);
            }
            if template.is_empty() {
                prop_assert_eq!(nginx::parse(masked).print(&text.clone().into_bytes()), text.as_bytes());
            }
        }
    }

    #[test]
    fn the_pieces_of_a_filled_file_are_whole(text in soup()) {
        filled(&text, Language::Nginx, &[("A", "1"), ("bc", ""), ("a", "true")]);
        filled(&text, Language::Ini, &[("A", "1"), ("bc", ""), ("a", "false")]);
    }
}
