//! What `generate` writes, held against the programs that read it: promtool, Prometheus, nginx,
//! PHP-FPM, systemd.

use std::fs;
use std::process::{Command, Output};

use agent::generate;
use lab::live::{Stack, Texts};
use lab::program::run;
use lab::scratch::Scratch;

fn promtool(args: &[&str]) -> Output {
    let done = Command::new("promtool").args(args).output();
    done.expect("Debian's package `prometheus` has promtool")
}

fn words(output: &Output) -> String {
    let text = [&*output.stdout, &*output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// Runs the cases of some alerts on a rule file.
fn cases(rules: &str, only: Option<&str>) -> Output {
    let folder = Scratch::new("alerts");
    folder.write("badgateway.rules.yml", rules);
    folder.write("tests.yml", generate::tests("badgateway.rules.yml", only));
    let tests = folder.path().join("tests.yml").display().to_string();
    promtool(&["test", "rules", &tests])
}

#[test]
fn every_alert_fires_and_stays_quiet() {
    let folder = Scratch::new("alerts");
    let printed = run(&["generate", "alerts"]);
    assert_eq!(printed.status.code(), Some(0));
    let rules = String::from_utf8(printed.stdout).expect("text");
    assert_eq!(rules, generate::rules(0.999));
    folder.write("badgateway.rules.yml", &rules);
    let path = folder.path().join("badgateway.rules.yml");
    let checked = promtool(&[
        "check",
        "rules",
        "--lint-fatal",
        &path.display().to_string(),
    ]);
    assert!(checked.status.success(), "{}", words(&checked));
    let tested = cases(&rules, None);
    assert!(tested.status.success(), "{}", words(&tested));
    let printed = run(&["generate", "alerts", "--tests"]);
    let text = String::from_utf8(printed.stdout).expect("text");
    assert_eq!(text, generate::tests("badgateway.rules.yml", None));
}

/// The cases are worth something: an alert that always fires fails them, and so does one that never
/// does, and one that waits too long.
#[test]
fn the_cases_find_alerts_that_are_wrong() {
    let rules = generate::rules(0.999);
    for alert in generate::alerts() {
        let at = rules
            .find(&format!("- alert: {}\n", alert.name))
            .expect("it is there");
        // The other alerts take time and change nothing.
        let before = &rules[..rules.find("      - alert:").expect("a first one")];
        let rule = &rules[at - 6..];
        let next = rule[10..]
            .find("      - alert:")
            .map_or(rule.len(), |end| end + 10);
        let rule = &rule[..next];
        let expr = rule.find("expr: |\n").expect("an expression") + "expr: |\n".len();
        let end = rule.find("        for: ").expect("a time");
        for (what, new) in [("always", "vector(1)"), ("never", "vector(1) > 1")] {
            let wrong = format!("{before}{}          {new}\n{}", &rule[..expr], &rule[end..]);
            let tested = cases(&wrong, Some(alert.name));
            assert!(
                !tested.status.success(),
                "{} fires {what}, and passes",
                alert.name
            );
        }
        let late = rule[end..].replacen(&format!("for: {}", alert.hold), "for: 100000m", 1);
        let tested = cases(&format!("{before}{}{late}", &rule[..end]), Some(alert.name));
        assert!(
            !tested.status.success(),
            "{} waits for ever, and passes",
            alert.name
        );
    }
}

/// Whatever names mean, they are those of the list of metrics.
#[test]
fn alerts_and_dashboard_name_known_metrics() {
    let mut texts = vec![generate::rules(0.999)];
    texts.extend(generate::queries());
    let known: Vec<String> = (agent::metrics::families::ALL.iter())
        .flat_map(|family| [family.name.to_owned(), format!("{}_total", family.name)])
        .collect();
    for text in texts {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for word in text.split(|c: char| !is_part(c)) {
            let is_name = ["badgateway_", "phpfpm_", "process_resident_"]
                .iter()
                .any(|prefix| word.starts_with(prefix));
            assert!(!is_name || known.iter().any(|name| name == word), "{word}");
        }
    }
}

#[test]
fn the_scrape_is_taken_by_prometheus() {
    for args in [
        vec![],
        vec!["--token-file", "/etc/prometheus/badgateway.token", "--tls"],
    ] {
        let printed = run(&[&["generate", "scrape-config"], args.as_slice()].concat());
        let folder = Scratch::new("scrape");
        folder.write(
            "prometheus.yml",
            String::from_utf8_lossy(&printed.stdout).as_ref(),
        );
        let path = folder.path().join("prometheus.yml").display().to_string();
        let checked = promtool(&["check", "config", "--syntax-only", &path]);
        assert!(checked.status.success(), "{}", words(&checked));
    }
}

#[test]
fn the_unit_is_taken_by_systemd() {
    let printed = run(&["generate", "systemd"]);
    let unit = String::from_utf8(printed.stdout).expect("text");
    for group in ["adm", "systemd-journal"] {
        assert!(unit.contains(group), "{unit}");
    }
    let folder = Scratch::new("unit");
    folder.write("badgateway.service", &unit);
    let path = folder
        .path()
        .join("badgateway.service")
        .display()
        .to_string();
    let analyze = |args: &[&str]| Command::new("systemd-analyze").args(args).output();
    let verified = analyze(&["verify", "--man=no", &path]).expect("systemd is installed");
    let said = words(&verified);
    let own = said
        .lines()
        .filter(|line| line.contains("badgateway.service"));
    assert_eq!(own.count(), 0, "{said}");
    let judged = analyze(&["security", "--offline=yes", "--threshold=20", &path]);
    let judged = judged.expect("systemd is installed");
    let said = words(&judged);
    assert!(judged.status.success(), "{said}");
    println!("{}", said.lines().last().unwrap_or_default());
}

#[test]
fn the_page_of_metrics_is_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let page = agent::metrics::families::page();
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &page).expect("the page can be written");
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page,
        "docs/metrics.md is old: `cargo xtask bless`, or write it with `badgateway generate metrics`"
    );
}

/// The real nginx writes the log format, and `diagnose` reads every field that tells causes apart.
#[test]
fn the_log_format_is_written_and_read() {
    for args in [vec![], vec!["--text"]] {
        let printed = run(&[&["generate", "log-format"], args.as_slice()].concat());
        let format = String::from_utf8(printed.stdout).expect("text");
        let stack = Stack::start(&Texts {
            http: format!(
                "{format}\nserver {{ listen 127.0.0.1:@PORT@; access_log @DIR@/access.log badgateway; \
                 location / {{ fastcgi_pass unix:@DIR@/fpm.sock; fastcgi_param SCRIPT_FILENAME \
                 @DIR@/www$uri; fastcgi_param REQUEST_METHOD GET; }} \
                 location /gone {{ fastcgi_pass unix:@DIR@/gone.sock; }} }}"
            ),
            fpm: FPM.to_owned(),
            ..Texts::default()
        });
        assert_eq!(stack.get("/ok.php").status, 200);
        assert_eq!(stack.get("/gone?a=\"b\"").status, 502);
        let dir = stack.dir().display().to_string();
        let log = fs::read_to_string(stack.dir().join("access.log")).expect("it is written");
        assert_eq!(log.lines().count(), 2, "{log}");
        let answer = run(&[
            "diagnose",
            &format!("{dir}/access.log"),
            "--config",
            &format!("{dir}/nginx.conf"),
            "--format",
            "json",
        ]);
        let answer: serde_json::Value = serde_json::from_slice(&answer.stdout).expect("JSON");
        let lines = &answer["sources"][0]["lines"];
        let counts = (&lines["read"], &lines["matched"], &lines["not_understood"]);
        assert_eq!(counts, (&2.into(), &1.into(), &0.into()), "{answer}");
        // Without the error log: the format alone says that no connection was made.
        let text = answer.to_string();
        assert!(
            text.contains("\"/gone?a=") || text.contains("GET /gone?a="),
            "{text}"
        );
    }
}

const FPM: &str = "[global]\n[www]\nuser = www-data\ngroup = www-data\nlisten = @DIR@/fpm.sock\n\
                   listen.owner = www-data\npm = static\npm.max_children = 2\n";

/// What is said for a pool without a status gives it one that answers, to this machine.
#[test]
fn the_status_locations_answer() {
    let stack = Stack::start(&Texts {
        http: "server { listen 127.0.0.1:@PORT@; }".to_owned(),
        fpm: FPM.to_owned(),
        ..Texts::default()
    });
    let dir = stack.dir().display().to_string();
    let conf = format!("{dir}/php-fpm.conf");
    let printed = run(&["generate", "status-location", &conf]);
    let text = String::from_utf8(printed.stdout).expect("text");
    assert_eq!(printed.status.code(), Some(0), "{text}");
    let (settings, locations) = text.split_once("# Into a server").expect("two parts");
    let settings: String = settings
        .lines()
        .filter(|line| line.starts_with("pm."))
        .fold(String::new(), |all, line| all + line + "\n");
    let locations = locations
        .split_once("location")
        .expect("a location")
        .1
        .replace(&dir, "@DIR@");
    drop(stack);
    let stack = Stack::start(&Texts {
        http: format!("server {{ listen 127.0.0.1:@PORT@; location {locations} }}"),
        fpm: format!(
            "{FPM}{}listen.owner = www-data\n",
            settings.replace(&dir, "@DIR@")
        ),
        ..Texts::default()
    });
    for address in ["/fpm-status", "/fpm-status?json&full"] {
        let answer = stack.get(address);
        assert_eq!(answer.status, 200, "{text}");
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(body.contains("www") && body.contains("static"), "{body}");
    }
}
