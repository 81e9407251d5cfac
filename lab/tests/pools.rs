//! Pools of the real php-fpm, asked while they are idle, busy, saturated, stopped and gone.

use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use agent::{Failure, Place, Queues, Sample, State, Watched, queue, sample, watched};
use lab::live::{Stack, Texts};
use lab::program::badgateway;

const PATIENCE: Duration = Duration::from_millis(700);

/// nginx in front of three pools: a unix socket with a status of its own, a unix socket without,
/// and a TCP port.
fn stack(mode: &str) -> Stack {
    let location = |name: &str, at: &str| {
        format!(
            "location /{name}/ {{ fastcgi_read_timeout 20s; fastcgi_pass {at}; \
             fastcgi_param SCRIPT_FILENAME @DIR@/www/sleep.php; fastcgi_param REQUEST_METHOD GET; \
             fastcgi_param SCRIPT_NAME $uri; fastcgi_param REQUEST_URI $request_uri; fastcgi_param QUERY_STRING $query_string; }}\n"
        )
    };
    let locations = location("own", "unix:@DIR@/own.sock")
        + &location("shared", "unix:@DIR@/shared.sock")
        + &location("tcp", "127.0.0.1:@TCP@");
    let tcp = lab::nginx::free_port().to_string();
    let pool = |name: &str, listen: &str, more: &str| {
        format!(
            "[{name}]\nuser = www-data\ngroup = www-data\nlisten = {listen}\nlisten.owner = www-data\n\
             listen.group = www-data\nlisten.backlog = 16\npm = {mode}\npm.max_children = 2\n\
             pm.start_servers = 1\npm.min_spare_servers = 1\npm.max_spare_servers = 1\n\
             pm.status_path = /status\n{more}\n"
        )
    };
    let fpm = String::from("[global]\n")
        + &pool(
            "own",
            "@DIR@/own.sock",
            "pm.status_listen = @DIR@/status.sock",
        )
        + &pool("shared", "@DIR@/shared.sock", "")
        + &pool("tcp", &format!("127.0.0.1:{tcp}"), "");
    Stack::start(&Texts {
        http: format!("server {{ listen 127.0.0.1:@PORT@; {locations} }}").replace("@TCP@", &tcp),
        fpm,
        ..Texts::default()
    })
}

fn pools(stack: &Stack) -> Vec<Watched> {
    let pools = watched(&stack.model());
    let names: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
    assert_eq!(names, ["own", "shared", "tcp"]);
    pools
}

fn look(pools: &[Watched]) -> Vec<Sample> {
    let queues: Queues = queue::queues().expect("Linux tells");
    sample(pools, Some(&queues), PATIENCE)
}

fn states(pools: &[Watched], samples: &[Sample]) -> Vec<State> {
    pools
        .iter()
        .zip(samples)
        .map(|(pool, sample)| sample.state(pool))
        .collect()
}

/// Looks until the pools are so, for at most five seconds; how long it took.
fn until(
    pools: &[Watched],
    wanted: &dyn Fn(&[State], &[Sample]) -> bool,
) -> (Vec<Sample>, Duration) {
    let begin = Instant::now();
    loop {
        let samples = look(pools);
        let states = states(pools, &samples);
        if wanted(&states, &samples) {
            return (samples, begin.elapsed());
        }
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "{states:?} {samples:#?}"
        );
    }
}

#[test]
fn idle_pools_answer() {
    for mode in ["static", "dynamic", "ondemand"] {
        let stack = stack(mode);
        let pools = pools(&stack);
        let (samples, _) = until(&pools, &|states, _| {
            states.iter().all(|s| *s == State::Fine)
        });
        for (pool, sample) in pools.iter().zip(&samples) {
            let status = sample.answer().expect("it answers");
            assert_eq!((&status.pool, status.manager.as_str()), (&pool.name, mode));
            assert_eq!(status.busy(), 0, "{mode} {status:#?}");
            let queue = sample.queue.expect("the kernel knows it");
            assert_eq!((queue.waiting, queue.limit), (0, 16));
            assert_eq!(pool.max_children, Some(2));
        }
    }
}

/// Whether all five requests are there, at work or waiting; and both workers, but for `ondemand`.
fn has_all(sample: &Sample, mode: &str) -> bool {
    let waiting = sample.queue.map_or(0, |queue| u64::from(queue.waiting));
    let busy = sample.answer().map_or(0, agent::Status::busy);
    waiting + busy == 5 && (busy == 2 || mode == "ondemand")
}

/// Two workers sleep and more requests wait: each pool is known to be saturated, with the real
/// number of those that wait.
#[test]
fn saturated_pools_are_seen_through_any_socket() {
    for mode in ["static", "dynamic", "ondemand"] {
        let stack = stack(mode);
        let pools = pools(&stack);
        thread::scope(|scope| {
            for name in ["own", "shared", "tcp"] {
                for _ in 0..5 {
                    let stack = &stack;
                    scope.spawn(move || stack.get(&format!("/{name}/x?6")));
                }
            }
            let three = |sample: &Sample| sample.queue.is_some_and(|queue| queue.waiting >= 3);
            let (samples, took) = until(&pools, &|states, samples| {
                states.iter().all(|state| *state == State::Saturated)
                    && samples.iter().all(three)
                    && has_all(&samples[0], mode)
            });
            println!("{mode}: seen after {} ms", took.as_millis());
            let [own, shared, tcp] = samples.as_slice() else {
                panic!("three pools");
            };
            // The pool with a socket for its status tells who keeps it busy.
            let status = own.answer().expect("it answers while saturated");
            // `ondemand` starts a worker for an event at its socket, and was seen to stay at one.
            let busy = if mode == "ondemand" { status.busy() } else { 2 };
            assert_eq!((status.busy(), status.idle), (busy, 0));
            assert_eq!(
                own.queue.map(|queue| u64::from(queue.waiting)),
                Some(5 - busy)
            );
            let longest = status.longest().expect("a request");
            assert_eq!(longest.uri, "/own/x?6");
            assert!(longest.script.ends_with("/www/sleep.php"), "{longest:?}");
            // FPM itself sees nothing wait at a unix socket.
            assert_eq!(status.listen_queue, 0);
            for blind in [shared, tcp] {
                assert!(
                    matches!(blind.status, Some(Err(Failure::Silent(_)))),
                    "{blind:?}"
                );
                assert!(
                    blind.took < PATIENCE + Duration::from_millis(300),
                    "{:?}",
                    blind.took
                );
            }
        });
    }
}

/// A master that is stopped takes connections and says nothing; a master that is gone leaves
/// its socket behind or takes it along.
#[test]
fn stopped_and_absent_pools_are_told_apart() {
    let stack = stack("static");
    let mut pools = pools(&stack);
    pools.truncate(1);
    let nowhere = |path: &str| Watched {
        name: "nowhere".to_owned(),
        listen: None,
        door: agent::Door::Own(Place::Unix(PathBuf::from(path))),
        status_path: Some(b"/status".to_vec()),
        max_children: None,
    };
    pools.push(nowhere("/nonexistent/a.sock"));
    let left = stack.dir().join("left.sock");
    drop(std::os::unix::net::UnixListener::bind(&left).expect("ours to make"));
    pools.push(nowhere(left.to_str().expect("plain")));
    let samples = look(&pools);
    assert_eq!(
        states(&pools, &samples),
        [State::Fine, State::Down, State::Down]
    );
    assert_eq!(samples[1].status, Some(Err(Failure::Missing)));
    assert_eq!(samples[2].status, Some(Err(Failure::Refused)));
    // Whatever else listens there speaks no FastCGI.
    let nginx = nowhere("");
    let nginx = Watched {
        door: agent::Door::Own(Place::Tcp(([127, 0, 0, 1], stack.nginx.port()).into())),
        ..nginx
    };
    let samples = look(std::slice::from_ref(&nginx));
    let failure = samples[0]
        .status
        .clone()
        .expect("it was asked")
        .expect_err("no pool");
    assert!(
        matches!(failure, Failure::Foreign | Failure::Closed),
        "{failure:?}"
    );
    let wrong = Watched {
        status_path: Some(b"/nothing-here".to_vec()),
        ..pools[0].clone()
    };
    let samples = look(std::slice::from_ref(&wrong));
    let failure = samples[0]
        .status
        .clone()
        .expect("it was asked")
        .expect_err("no status");
    assert!(
        matches!(failure, Failure::NoStatus(404 | 403, _)),
        "{failure:?}"
    );
}

/// Many that hang do not delay one that answers, and all are done in one patience.
#[test]
fn a_hanging_pool_delays_nobody() {
    let stack = stack("static");
    let mut pools = pools(&stack);
    let path = stack.dir().join("hangs.sock");
    let listener = std::os::unix::net::UnixListener::bind(&path).expect("ours to make");
    for number in 0..200 {
        pools.push(Watched {
            name: format!("hangs-{number}"),
            listen: None,
            door: agent::Door::Own(Place::Unix(path.clone())),
            status_path: Some(b"/status".to_vec()),
            max_children: None,
        });
    }
    let begin = Instant::now();
    let samples = look(&pools);
    let took = begin.elapsed();
    assert!(took < PATIENCE * 3, "{took:?}");
    for sample in &samples[..3] {
        assert!(sample.answer().is_some(), "{sample:?}");
        assert!(sample.took < PATIENCE / 2, "{:?}", sample.took);
    }
    let slow = samples[3..]
        .iter()
        .filter(|sample| matches!(sample.status, Some(Err(Failure::Silent(_) | Failure::Full))));
    assert_eq!(slow.count(), 200);
    drop(listener);
}

/// The program on the same stack: its words and its exit codes.
#[test]
fn the_command_tells_it() {
    let stack = stack("static");
    let conf = stack.dir().join("php-fpm.conf");
    let status = |args: &[&str]| {
        let done = Command::new(badgateway())
            .arg("status")
            .arg(&conf)
            .args(args)
            .output();
        let done = done.expect("it runs");
        let out = String::from_utf8_lossy(&done.stdout).into_owned();
        println!("{out}");
        (done.status.code(), out)
    };
    let (code, out) = status(&[]);
    assert_eq!(code, Some(0), "{out}");
    assert_eq!(
        out.lines().filter(|line| line.contains("  fine ")).count(),
        3
    );
    thread::scope(|scope| {
        for number in 0..4 {
            let stack = &stack;
            let path = format!("/own/report.php?6&token=s3cr3t-Zq81x{number}-77");
            scope.spawn(move || stack.get(&path));
        }
        let begin = Instant::now();
        let (code, out) = loop {
            let seen = status(&["--pool", "own"]);
            if seen.0 == Some(1) && seen.1.contains("2/16")
                || begin.elapsed() > Duration::from_secs(4)
            {
                break seen;
            }
        };
        assert_eq!(code, Some(1), "{out}");
        assert!(
            out.contains("saturated") && out.contains("/own/report.php?6&token="),
            "{out}"
        );
        assert!(!out.contains("s3cr3t"), "{out}");
        let (_, json) = status(&["--pool", "own", "--format", "json"]);
        assert!(!json.contains("s3cr3t"), "{json}");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let pool = &json["pools"][0];
        assert_eq!(
            (&pool["state"], &pool["queue"]["waiting"]),
            (&"saturated".into(), &2.into())
        );
    });
    assert_eq!(status(&["--pool", "nobody"]).0, Some(2));
}
