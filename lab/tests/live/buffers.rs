//! What the rules about buffers and bodies claim, made to happen.

use std::fs;
use std::time::Duration;

use crate::stack::{found, fpm, location, server, texts};
use lab::live::{Stack, Texts};
use lab::nginx::{Response, send};

const CHILD: &str = "pm.max_children = 1\n";

/// What PHP needs to see a body.
const BODY: &str = "fastcgi_param CONTENT_TYPE $content_type;\n\
                    fastcgi_param CONTENT_LENGTH $content_length;\n";

/// How many fields and files a form had, and what became of the file.
const FORM: (&str, &str) = (
    "form.php",
    "<?php echo count($_POST), ' ', count($_FILES), ' ', $_FILES['f']['error'] ?? '-';",
);

/// Answers with a header of so many bytes.
const HEADER: (&str, &str) = (
    "header.php",
    "<?php header('X-Big: '.str_repeat('a', (int)$_SERVER['QUERY_STRING'])); echo 'ok';",
);

/// More than all socket buffers hold.
const MUCH: (&str, &str) = (
    "much.php",
    "<?php for ($i = 0; $i < 480; $i++) echo str_repeat('x', 65536);",
);

fn with_scripts(mut texts: Texts) -> Texts {
    let scripts = [FORM, HEADER, MUCH].map(|(name, text)| (name, text.to_owned()));
    texts.scripts.extend(scripts);
    texts
}

fn start(http: &str, php_ini: &str) -> Stack {
    Stack::start(&with_scripts(texts(http, &fpm(CHILD), php_ini)))
}

/// Sends a form with one field, and a file of so many bytes.
fn upload(stack: &Stack, path: &str, size: usize) -> Response {
    let file = "x".repeat(size);
    let body = format!(
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
         --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\
         Content-Type: text/plain\r\n\r\n{file}\r\n--B--\r\n"
    );
    post(stack, path, "multipart/form-data; boundary=B", &body)
}

fn post(stack: &Stack, path: &str, kind: &str, body: &str) -> Response {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
         Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    send(stack.nginx.port(), request.as_bytes())
}

fn has(stack: &Stack, rule: &str) {
    let rules = found(stack.dir());
    assert!(rules.contains(&rule), "{rule} is not in {rules:?}");
}

#[test]
fn nginx_refuses_a_file_that_php_would_take() {
    let ini = "upload_max_filesize = 4M\npost_max_size = 5M\n";
    let stack = start(&server(&location(BODY)), ini);
    has(&stack, "body-limit-below-upload");
    assert_eq!(upload(&stack, "/form.php", 1_500_000).status, 413);
    let log = stack.nginx.error_log();
    assert!(
        log.contains("client intended to send too large body"),
        "{log}"
    );
    let enough = format!("client_max_body_size 5m;\n{}", location(BODY));
    let answer = upload(&start(&server(&enough), ini), "/form.php", 1_500_000);
    assert_eq!((answer.status, answer.text()), (200, "1 1 0".to_owned()));
}

/// The first location's limit counts, however the request gets to the last.
#[test]
fn the_limit_of_the_last_location_comes_too_late() {
    let php = location(&format!("client_max_body_size 8m;\n{BODY}"));
    let named = php.replace("~ \\.php$", "@php");
    let named = named.replace("$fastcgi_script_name;", "/form.php;");
    for (front, last) in [
        (
            "location / { try_files $uri /form.php?$query_string; }\n",
            &php,
        ),
        ("location / { rewrite ^/(.*)$ /form.php?$1 last; }\n", &php),
        ("location / { try_files $uri @php; }\n", &named),
    ] {
        let stack = start(&server(&format!("{front}{last}")), "");
        has(&stack, "body-limit-raised-too-late");
        let status = |path: &str, size: usize| upload(&stack, path, size).status;
        assert_eq!(status("/some/page", 1_500_000), 413, "{front}");
        assert_eq!(status("/some/page", 500_000), 200, "{front}");
        if last.contains("~ ") {
            assert_eq!(status("/form.php", 1_500_000), 200, "{front}");
        }
    }
}

/// PHP drops what is above `post_max_size`, runs the script with nothing, and the answer is 200.
#[test]
fn php_drops_a_body_and_answers_200() {
    let limits = "upload_max_filesize = 128K\npost_max_size = 64K\nlog_errors = 1\n";
    let stack = start(&server(&location(BODY)), limits);
    has(&stack, "post-limit-below-upload");
    let answer = upload(&stack, "/form.php", 100_000);
    assert_eq!(answer.status, 200);
    assert!(answer.text().ends_with("0 0 -"), "{}", answer.text());
    let log = stack.nginx.error_log() + &answer.text();
    assert!(
        log.contains("POST Content-Length of 100") && log.contains("exceeds the limit"),
        "{log}"
    );
}

#[test]
fn equal_limits_leave_no_room_for_the_form() {
    let limits = "upload_max_filesize = 64K\npost_max_size = 64K\n";
    let stack = start(&server(&location(BODY)), limits);
    has(&stack, "post-limit-below-upload");
    assert!(
        upload(&stack, "/form.php", 65_536)
            .text()
            .ends_with("0 0 -")
    );
    assert!(
        upload(&stack, "/form.php", 64_000)
            .text()
            .ends_with("1 1 0")
    );
}

/// Zero and below are no limit, in nginx and in PHP.
#[test]
fn zero_is_no_limit() {
    let http = server(&format!("client_max_body_size 0;\n{}", location(BODY)));
    for none in ["0", "-1"] {
        let limits = format!("upload_max_filesize = {none}\npost_max_size = {none}\n");
        let answer = upload(&start(&http, &limits), "/form.php", 9_000_000);
        assert_eq!((answer.status, answer.text()), (200, "1 1 0".to_owned()));
    }
}

/// nginx stores the whole body before PHP may drop it.
#[test]
fn nginx_stores_what_php_drops() {
    for limit in ["0", "16m"] {
        let http = server(&format!(
            "client_max_body_size {limit};\n{}",
            location(BODY)
        ));
        let stack = start(&http, "");
        has(&stack, "post-limit-below-body-limit");
        let answer = upload(&stack, "/form.php", 9_000_000);
        assert_eq!(answer.status, 200);
        assert!(answer.text().ends_with("0 0 -"), "{}", answer.text());
        let log = stack.nginx.error_log();
        assert!(log.contains("is buffered to a temporary file"), "{log}");
    }
}

#[test]
fn a_header_above_the_buffer_is_a_502() {
    let pools = fpm(&format!(
        "{CHILD}access.log = @DIR@/fpm.access\naccess.format = \"%s\"\n"
    ));
    let small = server(&location("fastcgi_buffer_size 1k;\n"));
    let stack = Stack::start(&with_scripts(texts(&small, &pools, "")));
    has(&stack, "header-buffer-too-small");
    assert_eq!(stack.get("/header.php?100").status, 200);
    assert_eq!(stack.get("/header.php?1500").status, 502);
    let log = stack.nginx.error_log();
    assert!(log.contains("upstream sent too big header"), "{log}");
    // FPM writes its line when nginx has answered already.
    std::thread::sleep(Duration::from_millis(300));
    let said = fs::read_to_string(stack.dir().join("fpm.access")).unwrap_or_default();
    assert_eq!(said, "200\n200\n");
    // Even the default is no large one.
    let stack = start(&server(&location("")), "");
    assert_eq!(stack.get("/header.php?1500").status, 200);
    assert_eq!(stack.get("/header.php?5000").status, 502);
    let ample = location("fastcgi_buffer_size 16k;\nfastcgi_buffers 8 16k;\n");
    assert_eq!(
        start(&server(&ample), "").get("/header.php?12000").status,
        200
    );
}

/// At a reload nginx says no and goes on with what it had.
#[test]
fn buffers_that_do_not_fit_are_refused_at_reload() {
    let stack = start(&server(&location("")), "");
    let file = stack.dir().join("nginx.conf");
    let text = fs::read_to_string(&file).expect("nginx runs on it");
    let bad = text.replace("http {", "http { fastcgi_buffer_size 32k;");
    fs::write(&file, bad).expect("the folder is ours");
    has(&stack, "busy-buffers-invalid");
    stack.nginx.signal("HUP");
    let words = "\"fastcgi_busy_buffers_size\" must be less than";
    let said = stack.nginx.wait_for_log(words, Duration::from_secs(3));
    assert!(said, "{}", stack.nginx.error_log());
    assert_eq!(stack.get("/ok.php").status, 200);
}
