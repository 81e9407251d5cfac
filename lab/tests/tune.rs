//! `badgateway tune` beside the real php-fpm: what it measures is what the kernel says, what it
//! reckons can be reckoned again, and what it writes is taken by FPM and enough for it.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lab::live::{Stack, Texts, test_fpm};
use lab::program::badgateway;
use lab::scratch::Scratch;
use serde_json::Value;

const MIB: u64 = 1 << 20;

/// About 40 MB in PHP's own heap, most of which a worker keeps for its next request.
const HEAVY: &str = "<?php $a = []; for ($i = 0; $i < 200000; $i++) { \
                     $a[] = str_repeat(chr(65 + $i % 26), 150).$i; } usleep(20000); echo count($a);";

fn pool(name: &str, more: &str) -> String {
    format!(
        "[{name}]\nuser = www-data\ngroup = www-data\nlisten = @DIR@/{name}.sock\n\
         listen.owner = www-data\nlisten.group = www-data\n{more}\n"
    )
}

/// nginx in front of pools, which answer `/NAME/`.
fn stack(pools: &[(&str, &str)]) -> Stack {
    let location = |name: &str| {
        format!(
            "location /{name}/ {{ fastcgi_pass unix:@DIR@/{name}.sock; fastcgi_read_timeout 60s; \
             fastcgi_param SCRIPT_FILENAME @DIR@/www/heavy.php; fastcgi_param REQUEST_METHOD GET; \
             fastcgi_param SCRIPT_NAME $uri; fastcgi_param REQUEST_URI $request_uri; }}\n"
        )
    };
    // FPM counts the seconds, so nothing is built while it runs.
    let _built = badgateway();
    let locations: String = pools.iter().map(|(name, _)| location(name)).collect();
    let fpm: String = pools.iter().map(|(name, more)| pool(name, more)).collect();
    Stack::start(&Texts {
        http: format!("server {{ listen 127.0.0.1:@PORT@; {locations} }}"),
        fpm: format!("[global]\n{fpm}"),
        scripts: vec![("heavy.php", HEAVY.to_owned())],
        ..Texts::default()
    })
}

/// So many requests, at most four at once.
fn work(stack: &Stack, name: &str, requests: usize) {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..requests / 4 {
                    let answer = stack.get(&format!("/{name}/"));
                    assert_eq!((answer.status, answer.text().as_str()), (200, "200000"));
                }
            });
        }
    });
}

fn command(file: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(badgateway());
    command
        .arg("tune")
        .arg(file)
        .args(["--settings", "none", "--color", "never"])
        .args(args)
        .env("BADGATEWAY_STATE", file.with_file_name("state"))
        .stdin(Stdio::null());
    command
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        Said {
            code: output.status.code().expect("no signal"),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

fn tune(stack: &Stack, args: &[&str]) -> Said {
    let file = stack.dir().join("php-fpm.conf");
    command(&file, args).output().expect("it runs").into()
}

fn json(stack: &Stack, args: &[&str]) -> (i32, Value) {
    let said = tune(stack, &[args, &["--format", "json"]].concat());
    let document = serde_json::from_str(&said.out);
    (
        said.code,
        document.unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.err)),
    )
}

/// Waits until FPM has counted for as long as it takes to say something.
fn until_counted(since: Instant) {
    thread::sleep(Duration::from_secs(32).saturating_sub(since.elapsed()));
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("no number: {value}"))
}

/// Kibibytes of the lines with these keys.
fn kib(file: &str, keys: &[&str]) -> u64 {
    let text = fs::read_to_string(file).expect("the process is there");
    let lines = text.lines().filter_map(|line| {
        let (key, rest) = line.split_once(':')?;
        let number = rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?;
        keys.contains(&key).then_some(number)
    });
    lines.sum()
}

/// Within so many percent, or a megabyte.
fn is_near(a: u64, b: u64, percent: u64) -> bool {
    a.abs_diff(b) <= (a.max(b) * percent / 100).max(MIB)
}

/// What it says of workers is what the kernel says of them.
fn measured_as_the_kernel_says(document: &Value) {
    let workers = document["pools"][0]["workers"].as_array().expect("workers");
    let worked = workers
        .iter()
        .filter(|worker| number(&worker["requests"]) > 5);
    let mut count = 0;
    for worker in worked {
        let rollup = format!("/proc/{}/smaps_rollup", number(&worker["pid"]));
        let share = kib(&rollup, &["Pss"]) << 10;
        let private = kib(&rollup, &["Private_Clean", "Private_Dirty"]) << 10;
        let own = number(&worker["own_bytes"]);
        assert!(
            is_near(number(&worker["pss_bytes"]), share, 5),
            "{worker} {share}"
        );
        assert!(
            is_near(own, private, 5) && own <= private + MIB,
            "{worker} {private}"
        );
        // PHP says what the request took: more than was kept, or about as much.
        // The one that answers for the status has no last request.
        if number(&worker["last_request_bytes"]) > 8 * MIB {
            assert!(number(&worker["needs_bytes"]) > 38 * MIB, "{worker}");
            count += 1;
        }
    }
    assert!(count >= 2, "{document}");
}

/// The same sums by hand: what fits into this room.
fn reckoned_again(document: &Value) -> u64 {
    let memory = &document["memory"];
    let room = number(&memory["room_bytes"]);
    if memory["stated"] == false {
        let total = number(&memory["total_bytes"]);
        let (others, reserve) = (
            number(&memory["others_bytes"]),
            number(&memory["reserve_bytes"]),
        );
        assert_eq!(total, kib("/proc/meminfo", &["MemTotal"]) << 10);
        assert_eq!(reserve, (total / 10).max(256 * MIB));
        assert_eq!(room, total - others - reserve);
    }
    let pool = &document["pools"][0];
    let workers = pool["workers"].as_array().expect("workers");
    let worked = workers
        .iter()
        .filter(|worker| number(&worker["requests"]) > 0);
    let needs = worked
        .map(|worker| number(&worker["needs_bytes"]))
        .max()
        .expect("some");
    assert_eq!(number(&pool["result"]["worker"]["needs_bytes"]), needs);
    let common = number(&document["fpm"][0]["common_bytes"]);
    let fits = (room - common) / needs;
    assert_eq!(number(&pool["result"]["fits"]), fits, "{document}");
    fits
}

#[test]
fn measured_reckoned_written_and_then_quiet() {
    let stack = stack(&[(
        "www",
        "pm = dynamic\npm.max_children=60\npm.start_servers = 4\npm.min_spare_servers = 4\n\
         pm.max_spare_servers = 50 ; many\npm.status_path = /status",
    )]);
    let begin = Instant::now();
    let (code, document) = json(&stack, &[]);
    assert_eq!(code, 2, "nothing has happened yet: {document}");
    assert_eq!(document["pools"][0]["result"]["verdict"], "unknown");
    work(&stack, "www", 120);
    until_counted(begin);

    let (_, document) = json(&stack, &[]);
    measured_as_the_kernel_says(&document);
    reckoned_again(&document);

    // A budget for about nine workers: so many are set, and no more than that.
    let file = stack.dir().join("php-fpm.conf");
    let before = fs::read_to_string(&file).expect("it is there");
    let (code, document) = json(&stack, &["--memory", "500m"]);
    let fits = reckoned_again(&document);
    let result = &document["pools"][0]["result"];
    assert_eq!((code, &result["verdict"]), (1, &Value::from("change")));
    assert_eq!(
        (number(&result["max_children"]), &result["reason"]),
        (fits, &"memory".into())
    );
    assert!((7..=12).contains(&fits), "{document}");
    let diff = document["diff"].as_str().expect("a diff");
    assert!(
        diff.contains(&format!("+pm.max_children={fits}\n")),
        "{diff}"
    );
    assert_eq!(
        fs::read_to_string(&file).expect("it is there"),
        before,
        "only shown"
    );

    let said = tune(&stack, &["--memory", "500m", "--write", "--backup"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for words in ["proven:", "the old files are in", "until it is reloaded"] {
        assert!(said.err.contains(words), "{}", said.err);
    }
    let after = fs::read_to_string(&file).expect("it is there");
    let (is_taken, words) = test_fpm(stack.dir(), "-t");
    assert!(is_taken, "{words}");
    let changed: Vec<&str> = after
        .lines()
        .filter(|line| !before.contains(line))
        .collect();
    let [children, spare] = changed.as_slice() else {
        panic!("two lines: {changed:?}");
    };
    assert!(
        children.starts_with("pm.max_children=") && spare.ends_with(" ; many"),
        "{changed:?}"
    );

    // The new numbers are enough for the same work, and nothing is said against them.
    stack.signal_fpm("-USR2");
    let begin = Instant::now();
    thread::sleep(Duration::from_secs(2));
    work(&stack, "www", 120);
    until_counted(begin + Duration::from_secs(2));
    let said = tune(&stack, &["--memory", "500m"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("nothing to change"), "{}", said.out);

    // Less than what is needed at once: fewer, and the truth.
    let said = tune(&stack, &["--memory", "150m"]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("not enough memory"), "{}", said.out);
    assert!(said.out.contains("pm.max_children: "), "{}", said.out);
}

#[test]
fn two_pools_share_and_a_full_one_is_seen() {
    let stack = stack(&[
        (
            "busy",
            "pm = static\npm.max_children = 2\npm.status_path = /status\npm.status_listen = @DIR@/st.sock\nlisten.backlog = 100",
        ),
        (
            "calm",
            "pm = static\npm.max_children = 20\npm.status_path = /status",
        ),
    ]);
    let begin = Instant::now();
    work(&stack, "busy", 120);
    work(&stack, "calm", 120);
    until_counted(begin);
    let (code, document) = json(&stack, &["--memory", "700m"]);
    assert_eq!(code, 1, "{document}");
    let pools = document["pools"].as_array().expect("pools");
    let [busy, calm] = pools.as_slice() else {
        panic!("two pools: {document}");
    };
    // Four requests at once kept both workers busy; static counts nothing else.
    assert_eq!(busy["result"]["was_full"], true, "{document}");
    assert_eq!(number(&busy["result"]["max_children"]), 4, "{document}");
    assert_eq!(
        number(&busy["result"]["backlog"]["change"]),
        511,
        "{document}"
    );
    // So the other one has to leave something.
    let lowered = number(&calm["result"]["max_children"]);
    assert!((5..20).contains(&lowered), "{document}");
    let each = |pool: &Value| number(&pool["result"]["worker"]["needs_bytes"]);
    let common = number(&document["fpm"][0]["common_bytes"]);
    let sum = common + 4 * each(busy) + lowered * each(calm);
    assert!(sum <= 700 * MIB, "{sum} {document}");
    assert!(
        sum + each(calm) > 700 * MIB,
        "nothing is wasted: {sum} {document}"
    );

    let said = tune(&stack, &["--memory", "700m", "--pool", "busy", "--write"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("listen.backlog needs a restart"),
        "{}",
        said.err
    );
    let file = fs::read_to_string(stack.dir().join("php-fpm.conf")).expect("it is there");
    assert!(file.contains("pm.max_children = 4\n") && file.contains("pm.max_children = 20\n"));
    stack.signal_fpm("-USR2");
    thread::sleep(Duration::from_secs(2));
    // As said: a reload keeps the queue.
    let (_, document) = json(&stack, &["--memory", "700m"]);
    let now = &document["pools"][0]["now"];
    assert_eq!(
        (number(&now["backlog"]), number(&now["backlog_in_force"])),
        (511, 100)
    );
}

#[test]
fn what_cannot_be_measured_is_unknown() {
    let stack = stack(&[("www", "pm = ondemand\npm.max_children = 3")]);
    work(&stack, "www", 4);
    let said = tune(&stack, &[]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(
        said.out.contains("badgateway generate status-location"),
        "{}",
        said.out
    );
    // What one takes is known all the same: from the processes, without a status.
    assert!(said.out.contains("one worker"), "{}", said.out);

    // Another user may not look.
    let file = stack.dir().join("php-fpm.conf");
    let said: Said = command(&file, &[])
        .uid(65_534)
        .gid(65_534)
        .output()
        .expect("it runs")
        .into();
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("ask again as root"),
        "{}{}",
        said.out,
        said.err
    );

    // The same pools, but nobody runs them.
    let scratch = Scratch::new("tune-none");
    let text = fs::read_to_string(&file).expect("it is there");
    let here = scratch.path().display().to_string();
    let copy: PathBuf = scratch.write(
        "php-fpm.conf",
        text.replace(&stack.dir().display().to_string(), &here),
    );
    let said: Said = command(&copy, &[]).output().expect("it runs").into();
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("no PHP-FPM with this configuration runs"),
        "{}",
        said.out
    );
    let said: Said = command(&copy, &["--pool", "none"])
        .output()
        .expect("it runs")
        .into();
    assert_eq!(said.code, 2);
    assert!(said.err.contains("there is no pool `none`"), "{}", said.err);
    assert_eq!(
        fs::read_to_string(&copy).expect("it is there").len(),
        text.replace(&stack.dir().display().to_string(), &here)
            .len()
    );
}
