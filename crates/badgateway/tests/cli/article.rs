//! The 21 inputs on which a well-known shell gate was measured, and some more of their kind, with
//! the verdict that the real servers' behaviour makes right. The gate was wrong on most of them:
//! it took the first number of a file, whatever its unit, comment, pool or location.
//!
//! The lab gives the same inputs to `nginx -t` and `php-fpm -t` (lab/tests/gate.rs).

/// One input.
#[derive(Clone, Copy)]
pub(crate) struct Input {
    /// What it is about.
    pub(crate) name: &'static str,
    /// What stands in the PHP location.
    pub(crate) inside: &'static str,
    /// What stands in the pool beside what every pool needs; `[…]` begins another one.
    pub(crate) pool: &'static str,
    /// php.ini.
    pub(crate) php_ini: &'static str,
    /// The exit code of the gate.
    pub(crate) code: i32,
    /// A rule that has to find it, or with a code of 2 the words of the problem; empty for none.
    pub(crate) says: &'static str,
    /// Who refuses it: `nginx`, `php-fpm`, or nobody.
    pub(crate) refused_by: &'static str,
}

const fn input(
    name: &'static str,
    [inside, pool, php_ini]: [&'static str; 3],
    code: i32,
    says: &'static str,
) -> Input {
    Input {
        name,
        inside,
        pool,
        php_ini,
        code,
        says,
        refused_by: "",
    }
}

const fn refused(by: &'static str, input: Input) -> Input {
    Input {
        refused_by: by,
        ..input
    }
}

/// FPM looks every few seconds: the slow log makes it.
const SLOW: &str = "request_slowlog_timeout = 5s\nslowlog = /var/log/slow.log\n";

const T110: &str =
    "request_terminate_timeout = 110s\nrequest_slowlog_timeout = 5s\nslowlog = /var/log/slow.log\n";
const R120: &str = "fastcgi_read_timeout 120s;";

/// The 21.
pub(crate) const ARTICLE: [Input; 21] = [
    input("aligned", [R120, T110, "max_execution_time = 90"], 0, ""),
    input(
        "nginx in minutes",
        ["fastcgi_read_timeout 2m;", T110, "max_execution_time = 90"],
        0,
        "",
    ),
    input(
        "FPM in minutes",
        [
            "fastcgi_read_timeout 130;",
            "request_terminate_timeout = 2m\nrequest_slowlog_timeout = 5s\nslowlog = /var/log/slow.log\n",
            "max_execution_time = 90",
        ],
        0,
        "",
    ),
    input(
        "FPM in minutes, above nginx",
        [
            "fastcgi_read_timeout 60;",
            "request_terminate_timeout = 2m\n",
            "max_execution_time = 1",
        ],
        1,
        "read-timeout-below-terminate",
    ),
    input(
        "nginx in milliseconds",
        [
            "fastcgi_read_timeout 500ms;",
            T110,
            "max_execution_time = 90",
        ],
        1,
        "read-timeout-below-terminate",
    ),
    input(
        "a limit in a comment, as Debian ships it",
        [
            R120,
            ";request_terminate_timeout = 0\n",
            "max_execution_time = 90",
        ],
        1,
        "terminate-timeout-off",
    ),
    input(
        "a limit of zero",
        [
            R120,
            "request_terminate_timeout = 0\n",
            "max_execution_time = 90",
        ],
        1,
        "terminate-timeout-off",
    ),
    input(
        "an old limit in a comment of FPM",
        [
            R120,
            "; request_terminate_timeout was 30s until 2023\nrequest_terminate_timeout = 300s\n",
            "max_execution_time = 20",
        ],
        1,
        "read-timeout-below-terminate",
    ),
    input(
        "an old limit in a comment of nginx",
        [
            "# fastcgi_read_timeout 600;\nfastcgi_read_timeout 60;",
            T110,
            "max_execution_time = 50",
        ],
        1,
        "read-timeout-below-terminate",
    ),
    input(
        "two locations",
        [
            "fastcgi_read_timeout 300;\nlocation ~ /api\\.php$ {\nfastcgi_read_timeout 30;\n\
             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
             fastcgi_pass unix:/run/php/php-fpm.sock;\n}",
            T110,
            "max_execution_time = 25",
        ],
        1,
        "read-timeout-below-terminate",
    ),
    input(
        "two pools",
        [
            "fastcgi_read_timeout 120;\nlocation ~ /long\\.php$ {\n\
             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
             fastcgi_pass unix:/run/php/long.sock;\n}",
            "request_terminate_timeout = 110s\nrequest_slowlog_timeout = 5s\nslowlog = /var/log/slow.log\n\
             [long]\nuser = www-data\nlisten = /run/php/long.sock\nlisten.owner = www-data\n\
             listen.group = www-data\npm = static\npm.max_children = 5\n\
             request_terminate_timeout = 600s\n",
            "max_execution_time = 90",
        ],
        1,
        "read-timeout-below-terminate",
    ),
    input(
        "an old limit in a comment of php.ini",
        [
            R120,
            T110,
            "; max_execution_time = 30 was the default\nmax_execution_time = 300",
        ],
        1,
        "terminate-below-max-execution",
    ),
    input(
        "nginx's default",
        [
            "",
            "request_terminate_timeout = 50s\nrequest_slowlog_timeout = 5s\nslowlog = /var/log/slow.log\n",
            "max_execution_time = 30",
        ],
        0,
        "",
    ),
    input(
        "no limit in PHP",
        [R120, T110, "max_execution_time = 0"],
        1,
        "max-execution-time-off",
    ),
    input(
        "below zero in PHP",
        [R120, T110, "max_execution_time = -1"],
        1,
        "max-execution-time-off",
    ),
    input(
        "PHP's limit in the pool",
        [
            R120,
            "request_terminate_timeout = 110s\nrequest_slowlog_timeout = 5s\nslowlog = /var/log/slow.log\n\
             php_admin_value[max_execution_time] = 300\n",
            "max_execution_time = 90",
        ],
        1,
        "terminate-below-max-execution",
    ),
    input(
        "a digit in a file's name",
        [
            "include /etc/nginx/site8.conf;",
            T110,
            "max_execution_time = 90",
        ],
        0,
        "",
    ),
    input(
        "an included file",
        [
            "include /etc/nginx/short.conf;",
            T110,
            "max_execution_time = 25",
        ],
        1,
        "read-timeout-below-terminate",
    ),
    input(
        "FPM looks too seldom",
        [
            R120,
            "request_terminate_timeout = 110s\n",
            "max_execution_time = 90",
        ],
        1,
        "terminate-gap-too-small",
    ),
    input(
        "no limit in FPM at all",
        [R120, SLOW, "max_execution_time = 90"],
        1,
        "terminate-timeout-off",
    ),
    input(
        "below zero in FPM",
        [
            R120,
            "request_terminate_timeout = -1\n",
            "max_execution_time = 90",
        ],
        1,
        "terminate-timeout-negative",
    ),
];

/// More of their kind.
pub(crate) const MORE: [Input; 8] = [
    input(
        "nginx gives up at once",
        ["fastcgi_read_timeout 0;", T110, ""],
        1,
        "read-timeout-zero",
    ),
    input(
        "nginx in minutes and seconds",
        [
            "fastcgi_read_timeout 1m59s;",
            T110,
            "max_execution_time = 90",
        ],
        0,
        "",
    ),
    input(
        "FPM reads 500 seconds",
        [
            R120,
            "request_terminate_timeout = 500ms\n",
            "max_execution_time = 20",
        ],
        1,
        "read-timeout-below-terminate",
    ),
    input(
        "FPM reads one second",
        [
            R120,
            "request_terminate_timeout = 1m30s\n",
            "max_execution_time = 20",
        ],
        1,
        "timeout-unit-suspect",
    ),
    refused(
        "php-fpm",
        input(
            "a unit that FPM has not",
            [R120, "request_terminate_timeout = 110S\n", ""],
            2,
            "request_terminate_timeout",
        ),
    ),
    refused(
        "php-fpm",
        input(
            "a word for FPM",
            [R120, "request_terminate_timeout = off\n", ""],
            2,
            "request_terminate_timeout",
        ),
    ),
    refused(
        "nginx",
        input(
            "a unit that nginx has not",
            ["fastcgi_read_timeout 120S;", T110, ""],
            2,
            "fastcgi_read_timeout",
        ),
    ),
    refused(
        "nginx",
        input(
            "below zero in nginx",
            ["fastcgi_read_timeout -1;", T110, ""],
            2,
            "fastcgi_read_timeout",
        ),
    ),
];

/// A sound stack around an input: nginx.conf and its two parts, php-fpm.conf, php.ini; all below
/// `/`.
pub(crate) fn files(input: &Input) -> [(&'static str, String); 5] {
    let nginx = format!(
        "user www-data;\nevents {{}}\nhttp {{\nserver {{\nlisten 80;\nserver_name shop.example;\n\
         root /srv/shop;\nlocation ~ \\.php$ {{\n\
         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
         fastcgi_pass unix:/run/php/php-fpm.sock;\n{}\n}}\n}}\n}}\n",
        input.inside
    );
    let fpm = format!(
        "[global]\nprocess_control_timeout = 130s\n[www]\nuser = www-data\n\
         listen = /run/php/php-fpm.sock\nlisten.owner = www-data\nlisten.group = www-data\n\
         pm = static\npm.max_children = 6\n{}",
        input.pool
    );
    let php_ini = format!("{}\ndisplay_errors = 0\nlog_errors = 1\n", input.php_ini);
    [
        ("etc/nginx/nginx.conf", nginx),
        (
            "etc/nginx/site8.conf",
            "fastcgi_read_timeout 120;\n".to_owned(),
        ),
        (
            "etc/nginx/short.conf",
            "fastcgi_read_timeout 30;\n".to_owned(),
        ),
        ("etc/php/8.2/fpm/php-fpm.conf", fpm),
        ("etc/php/8.2/fpm/php.ini", php_ini),
    ]
}
