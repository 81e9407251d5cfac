//! Which location a path ends in: our search against nginx's, on random locations.

use lab::nginx::Server;
use lab::random::Random;
use lab::scratch::Scratch;

const PATHS: &[&str] = &[
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b.php",
    "/ab",
    "/b",
    "/b/a",
    "/b.php",
    "/a.php/b",
    "/A",
    "/b/a/b",
    "/a/a/a.php",
    "/index.php",
    "/c",
];

const HEADS: &[&str] = &[
    "/",
    "/a",
    "/a/",
    "/ab",
    "/b",
    "/b/a",
    "= /",
    "= /a",
    "= /b.php",
    "^~ /a",
    "^~ /b/",
    "^~ /",
    "~ \\.php$",
    "~ ^/a",
    "~* ^/a/B",
    "~ \"^/(a|b)/\"",
    "~* \\.PHP",
    "~ /$",
    "~ ^/b(/|$)",
];

/// Random locations with other ones inside; each answers with its own number.
fn locations(random: &mut Random, depth: usize, count: &mut usize) -> String {
    let mut heads: Vec<&str> = Vec::new();
    let mut out = String::new();
    for _ in 0..=random.below(5) {
        let head = random.pick(HEADS);
        let bare = head.trim_start_matches("^~ ");
        // nginx refuses the same prefix twice, and what does not lie inside the outer one.
        if heads
            .iter()
            .any(|known| known.trim_start_matches("^~ ") == bare)
        {
            continue;
        }
        heads.push(head);
        *count += 1;
        let number = *count;
        let can_nest = head.starts_with('~') || head.starts_with('/');
        let inner = match can_nest && depth == 0 && random.one_in(3) {
            true => regexes(random, count),
            false => String::new(),
        };
        out.push_str(&format!(
            "location {head} {{ {inner} add_header X-N {number}; return 204; }}\n"
        ));
    }
    out
}

/// Regular expressions may lie inside of anything.
fn regexes(random: &mut Random, count: &mut usize) -> String {
    let mut out = String::new();
    for _ in 0..=random.below(2) {
        *count += 1;
        let all: Vec<&str> = HEADS
            .iter()
            .copied()
            .filter(|h| h.starts_with('~'))
            .collect();
        let head = random.pick(&all);
        out.push_str(&format!(
            "location {head} {{ add_header X-N {count}; return 204; }}\n"
        ));
    }
    out
}

#[test]
fn our_search_ends_where_nginx_ends() {
    let mut random = Random::new(7);
    let mut count = 0;
    let servers: String = (0..150)
        .map(|n| {
            let body = locations(&mut random, 0, &mut count);
            format!("server {{ listen 127.0.0.1:@PORT@; server_name s{n}; add_header X-N 0; {body} return 204; }}\n")
        })
        .collect();
    // A `return` of the server would answer before any location is looked for.
    let servers = servers.replace(" return 204; }\nserver", " }\nserver");
    let server = Server::start(&format!(
        "events {{}}\nhttp {{\naccess_log off;\n{servers}\n}}\n"
    ));
    let scratch = Scratch::new("matching");
    let text = std::fs::read_to_string(server.dir().join("nginx.conf")).expect("it runs on it");
    scratch.write("nginx.conf", text);
    let mut inputs = model::Inputs::default();
    let disk = lab::live::Disk;
    inputs.nginx.push(model::Source {
        input: base::FilePath::new(scratch.path().join("nginx.conf").display().to_string()),
        files: &disk,
        via: None,
    });
    let model = model::Model::load(inputs, &disk);
    let config = &model.nginx[0].config;
    let mut asked = 0;
    for (n, scope) in config.servers().enumerate().take(149) {
        for path in PATHS {
            let answer = server.get(&format!("s{n}"), path);
            let theirs = answer.header("x-n").map(str::to_owned);
            let ours = config
                .matched(scope, path.as_bytes())
                .expect("all are understood");
            let header = config
                .last(ours, "add_header")
                .and_then(|item| config.word(item, 2));
            let ours = header.map(|text| base::source::printable(&text));
            // Without a location the files are asked, and there are none: 404 has no header.
            let theirs = theirs
                .or_else(|| (answer.status == 404 || answer.status == 403).then(|| "0".to_owned()));
            assert_eq!(ours, theirs, "s{n} {path}");
            asked += 1;
        }
    }
    assert!(asked > 2000, "{asked}");
}
