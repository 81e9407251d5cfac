//! A report as a real run would give it, with everything in it that is difficult to show: two
//! files in one finding, a default, Latin-1, a secret on the line, an escape byte, an empty span,
//! one at the end of the file, one over several lines, and a line of a megabyte.

use std::sync::Arc;

use base::{
    Applicability, Because, Edit, FileId, FilePath, Finding, Fix, FixLevel, Place, Problem,
    ProblemKind, Severity, Sources, Span,
};
use report::{Format, Report, RuleMeta, Style, Summary};

/// Must be in no output unless it was asked for.
pub(crate) const SECRETS: &[&str] = &["hunter2-Zq7-Wv9", "s3cr3t-k\u{e4}se", "tok_4242424242"];

const SITE: &[u8] = b"# Gesch\xe4ft
server {
    server_name shop.example;
    fastcgi_read_timeout 60s;

    location ~ \\.php$ {
        fastcgi_param DB_PASSWORD hunter2-Zq7-Wv9; fastcgi_pass unix:/run/php/shop.sock; # K\xe4se
        fastcgi_next_upstream
            error
            timeout
            non_idempotent;
    }
}
";

const POOL: &str = "[shop]
listen = /run/php/shop.sock
pm = static
; a stranger's \u{1b}[31mred\u{1b}[0m comment
env[API_KEY] = s3cr3t-k\u{e4}se
env[NOTE] = \u{1b}]0;owned\u{7} ; set by hand

request_terminate_timeout = 110s
";

const INI: &str = "[PHP]
memory_limit = 128M
auto_prepend_file = \"/srv/\u{202e}gpj.php\"
max_execution_time = 0";

/// What a report borrows from.
pub(crate) struct Fixture {
    pub(crate) sources: Sources,
    pub(crate) findings: Vec<Finding>,
    pub(crate) problems: Vec<Problem>,
}

/// Places in the files, found by their text.
pub(crate) struct Files {
    pub(crate) sources: Sources,
}

impl Files {
    pub(crate) fn add(&mut self, path: &str, bytes: &[u8], via: Option<&str>) -> FileId {
        let via = via.map(str::to_owned);
        self.sources.add(FilePath::new(path), Arc::from(bytes), via)
    }

    pub(crate) fn span(&self, file: FileId, text: &str) -> Span {
        let bytes = &self.sources.get(file).bytes;
        let found = bytes.windows(text.len()).position(|w| w == text.as_bytes());
        let start = small(found.expect("the text is in the file"));
        Span::new(file, start, start + small(text.len()))
    }

    fn hide(&mut self, file: FileId, secret: &str) {
        let span = self.span(file, secret);
        self.sources
            .get_mut(file)
            .secrets
            .push((span.start, span.end));
    }
}

fn place(span: Span, label: &str) -> Place {
    Place {
        span,
        label: label.to_owned(),
    }
}

fn because(text: &str, span: Option<Span>) -> Because {
    Because {
        text: text.to_owned(),
        span,
    }
}

/// Findings and problems.
pub(crate) fn fixture() -> Fixture {
    let mut files = Files {
        sources: Sources::default(),
    };
    let site = files.add("/etc/nginx/sites-enabled/shop.conf", SITE, None);
    let pool = files.add("/etc/php/8.3/fpm/pool.d/shop.conf", POOL.as_bytes(), None);
    let ini = files.add(
        "/etc/php/8.3/fpm/php.ini",
        INI.as_bytes(),
        Some("prod-nginx-T.txt"),
    );
    let long = format!(
        "map $uri $backend {{ {} ~^/slow slow; fastcgi_param TOKEN tok_4242424242; {} }}\n",
        "/a b; ".repeat(100_000),
        "/c d; ".repeat(100_000)
    );
    let long = files.add(
        "/etc/nginx/conf.d/generated map.conf",
        long.as_bytes(),
        None,
    );
    files.hide(site, SECRETS[0]);
    files.hide(pool, SECRETS[1]);
    files.hide(long, SECRETS[2]);
    let mut findings = vec![cross_file(&files, site, pool), whole_block(&files, site)];
    findings.extend(odd_places(&files, pool, ini));
    let problems = problems(&files, site, long);
    Fixture {
        sources: files.sources,
        findings,
        problems,
    }
}

fn cross_file(files: &Files, site: FileId, pool: FileId) -> Finding {
    let read = files.span(site, "fastcgi_read_timeout 60s;");
    let terminate = files.span(pool, "request_terminate_timeout = 110s");
    let routes = [
        "shop.example ~ \\.php$",
        "shop.example /api",
        "blog.example ~ \\.php$",
    ];
    let more = (1..=1998).map(|n| format!("site{n}.example ~ \\.php$"));
    Finding {
        rule: "read-timeout-below-terminate",
        severity: Severity::Error,
        message: "nginx gives up after 60s, but PHP-FPM lets the script run for 110s: the client \
                  gets 504 and the worker stays busy"
            .to_owned(),
        primary: place(read, "nginx stops reading here"),
        related: vec![
            place(terminate, "FPM ends the script here"),
            place(
                files.span(site, "fastcgi_pass unix:/run/php/shop.sock"),
                "this pool",
            ),
        ],
        because: vec![
            because(
                "`fastcgi_read_timeout` is 60s, inherited from `server`",
                Some(read),
            ),
            because("`request_terminate_timeout` is 110s", Some(terminate)),
            because(
                "`process_control_timeout` is 0s, the default of PHP-FPM 5.3+ (manual \
                 install.fpm.configuration)",
                None,
            ),
        ],
        help: Some(
            "set `fastcgi_read_timeout` above 146.667s where this route gets it, or \
             `request_terminate_timeout` of pool `shop` below 60s"
                .to_owned(),
        ),
        routes: routes.into_iter().map(str::to_owned).chain(more).collect(),
        fix: Some(Fix {
            title: "raise `fastcgi_read_timeout` to 150s".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![Edit {
                span: files.span(site, "60s"),
                text: b"150s".to_vec(),
            }],
        }),
    }
}

fn whole_block(files: &Files, site: FileId) -> Finding {
    let from = files.span(site, "fastcgi_next_upstream");
    Finding {
        rule: "retry-not-idempotent",
        severity: Severity::Warning,
        message: "a POST may be sent to a second backend".to_owned(),
        primary: place(
            from.to(files.span(site, "non_idempotent;")),
            "retries after a time-out",
        ),
        related: vec![],
        because: vec![],
        help: None,
        routes: vec!["shop.example ~ \\.php$".to_owned()],
        fix: None,
    }
}

fn odd_places(files: &Files, pool: FileId, ini: FileId) -> Vec<Finding> {
    let note = files.span(pool, "env[NOTE]");
    let end = small(INI.len());
    let plain = |rule, severity, message: &str, primary| Finding {
        rule,
        severity,
        message: message.to_owned(),
        primary,
        related: vec![],
        because: vec![],
        help: None,
        routes: vec![],
        fix: None,
    };
    vec![
        plain(
            "slowlog-off",
            Severity::Warning,
            "nobody will know where a slow script hangs",
            place(
                Span::new(pool, note.start, note.start),
                "no `slowlog` in this pool",
            ),
        ),
        plain(
            "max-children-missing",
            Severity::Warning,
            "`pm = static` without `pm.max_children`\u{1b}[2J: FPM will not start",
            place(
                files.span(pool, "\u{1b}]0;owned\u{7}"),
                "an escape\nin the label\u{1b}[0m",
            ),
        ),
        plain(
            "execution-time-off",
            Severity::Info,
            "no limit on computing time",
            place(Span::new(ini, end, end), "the file ends here"),
        ),
    ]
}

fn problems(files: &Files, site: FileId, long: FileId) -> Vec<Problem> {
    vec![
        Problem {
            kind: ProblemKind::Unreadable,
            message: "/etc/nginx/conf.d/private.conf: permission denied; its directives are \
                      missing from what follows"
                .to_owned(),
            span: None,
            help: Some("run badgateway as a user who may read it".to_owned()),
        },
        Problem {
            kind: ProblemKind::Syntax,
            message: "directive `fastcgi_param` is not allowed here".to_owned(),
            span: Some(files.span(long, "fastcgi_param TOKEN tok_4242424242;")),
            help: None,
        },
        Problem {
            kind: ProblemKind::Unknown,
            message: "`fastcgi_pass` depends on a variable that no file sets".to_owned(),
            span: Some(files.span(site, "unix:/run/php/shop.sock")),
            help: Some("say where it leads with `--map`".to_owned()),
        },
    ]
}

impl Fixture {
    pub(crate) fn report(&self) -> Report<'_> {
        Report {
            sources: &self.sources,
            findings: &self.findings,
            problems: &self.problems,
            unjudged: &[],
            ladders: &[],
            summary: Summary {
                routes: 2001,
                pools: 1,
                files: 4,
                hidden: 4,
                known: 0,
                gone: 0,
                version: "0.1.0",
            },
        }
    }
}

/// Two rules that found something and one that did not.
pub(crate) fn rules() -> Vec<RuleMeta> {
    let rule = |id, severity, group, summary, fix| RuleMeta {
        id,
        severity,
        group,
        summary,
        doc: format!("{summary}\n\n## Why it matters\n\nIt hurts.\n"),
        fix,
    };
    vec![
        rule(
            "read-timeout-below-terminate",
            Severity::Error,
            "timeouts",
            "nginx stops waiting before PHP-FPM ends the script.",
            FixLevel::Safe,
        ),
        rule(
            "retry-not-idempotent",
            Severity::Warning,
            "retries",
            "A POST is sent to a second backend.",
            FixLevel::None,
        ),
        rule(
            "socket-mismatch",
            Severity::Error,
            "sockets",
            "nginx sends to <a socket> nobody & nothing listens on.",
            FixLevel::DisplayOnly,
        ),
    ]
}

/// Plain and 80 columns wide.
pub(crate) const PLAIN: Style = Style {
    colour: false,
    width: 80,
    show_secrets: false,
    strict: false,
};

/// One format as text.
pub(crate) fn rendered(report: &Report<'_>, format: Format, style: &Style) -> String {
    let mut out = Vec::new();
    report::render(report, &rules(), format, style, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("every format is UTF-8")
}

impl Fixture {
    /// The same with a line added on top of every file.
    pub(crate) fn moved_down(self) -> Fixture {
        const LINE: &[u8] = b"# a new line\n";
        let by = small(LINE.len());
        let down = |span: &mut Span| *span = Span::new(span.file, span.start + by, span.end + by);
        let mut moved = Fixture {
            sources: Sources::default(),
            ..self
        };
        for (_, source) in self.sources.iter() {
            let bytes: Vec<u8> = [LINE, &source.bytes].concat();
            let path = source.path.clone();
            let id = moved
                .sources
                .add(path, Arc::from(bytes), source.via.clone());
            let secrets = source.secrets.iter().map(|(a, b)| (a + by, b + by));
            moved.sources.get_mut(id).secrets = secrets.collect();
        }
        for finding in &mut moved.findings {
            down(&mut finding.primary.span);
            finding.related.iter_mut().for_each(|p| down(&mut p.span));
            let because = finding.because.iter_mut();
            because.filter_map(|b| b.span.as_mut()).for_each(down);
            let edits = finding.fix.iter_mut().flat_map(|fix| &mut fix.edits);
            edits.for_each(|edit| down(&mut edit.span));
        }
        let problems = moved.problems.iter_mut();
        problems.filter_map(|p| p.span.as_mut()).for_each(down);
        moved
    }
}

/// An offset in a file of a test.
pub(crate) fn small(n: usize) -> u32 {
    u32::try_from(n).expect("files of a test are small")
}
