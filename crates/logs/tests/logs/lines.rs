//! One line, one meaning.

use logs::LogKind::{self, Fpm, FpmAccess, FpmSlow, Kernel, NginxAccess, NginxError, PhpError};

use crate::{fields, said};

/// `level` and the message of nginx's error log, and the signal.
const NGINX: &[(&str, &str)] = &[
    (
        "[error] 7#7: *1 recv() failed (104: Connection reset by peer) while reading response header from upstream",
        "ResetBeforeHeader",
    ),
    (
        "[error] 7#7: *1 readv() failed (104: Connection reset by peer) while reading upstream",
        "ResetAfterHeader",
    ),
    (
        "[error] 7#7: *1 recv() failed (104: Connection reset by peer) while sending to client",
        "ResetAfterHeader",
    ),
    (
        "[info] 7#7: *1 writev() failed (104: Connection reset by peer) while sending to client",
        "-",
    ),
    (
        "[error] 7#7: *1 writev() failed (32: Broken pipe) while sending request to upstream",
        "ResetWhileSending",
    ),
    (
        "[error] 7#7: *1 upstream prematurely closed connection while reading response header from upstream",
        "EofBeforeHeader",
    ),
    (
        "[error] 7#7: *1 upstream prematurely closed FastCGI request while reading upstream",
        "EofAfterHeader",
    ),
    (
        "[error] 7#7: *1 upstream prematurely closed FastCGI stdout while reading response header from upstream",
        "StrangeRecord",
    ),
    (
        "[error] 7#7: *1 upstream sent unexpected FastCGI record: 3 while reading response header from upstream",
        "StrangeRecord",
    ),
    (
        "[error] 7#7: *1 upstream timed out (110: Connection timed out) while reading response header from upstream",
        "TimeoutBeforeHeader",
    ),
    (
        "[error] 7#7: *1 upstream timed out (110: Operation timed out) while reading upstream",
        "TimeoutAfterHeader",
    ),
    (
        "[error] 7#7: *1 upstream timed out (110: Connection timed out) while sending request to upstream",
        "TimeoutSending",
    ),
    (
        "[error] 7#7: *1 upstream timed out (110: Connection timed out) while connecting to upstream",
        "TimeoutConnecting",
    ),
    (
        "[crit] 7#7: *1 connect() to unix:/run/php.sock failed (2: No such file or directory) while connecting to upstream",
        "ConnectMissing",
    ),
    (
        "[crit] 7#7: *1 connect() to unix:/run/php.sock failed (13: Permission denied) while connecting to upstream",
        "ConnectDenied",
    ),
    (
        "[error] 7#7: *1 connect() failed (111: Connection refused) while connecting to upstream",
        "ConnectRefused",
    ),
    (
        "[error] 7#7: *1 connect() to unix:/run/php.sock failed (11: Resource temporarily unavailable) while connecting to upstream",
        "ConnectFull",
    ),
    (
        "[error] 7#7: *1 connect() failed (113: Host is unreachable) while connecting to upstream",
        "ConnectFailed",
    ),
    (
        "[error] 7#7: *1 no live upstreams while connecting to upstream",
        "NoLiveUpstreams",
    ),
    (
        "[warn] 7#7: *1 upstream server temporarily disabled while connecting to upstream",
        "ServerDisabled",
    ),
    (
        "[error] 7#7: *1 upstream sent too big header while reading response header from upstream",
        "HeaderTooBig",
    ),
    (
        "[error] 7#7: *1 upstream sent invalid header: \"Bad\\x20...\" while reading response header from upstream",
        "HeaderInvalid",
    ),
    (
        "[error] 7#7: *1 upstream sent invalid status \"abc\" while reading response header from upstream",
        "HeaderInvalid",
    ),
    (
        "[error] 7#7: *1 upstream sent unsupported FastCGI protocol version: 72 while reading response header from upstream",
        "WrongProtocol",
    ),
    (
        "[error] 7#7: *1 FastCGI sent in stderr: \"Primary script unknown\" while reading response header from upstream",
        "ScriptUnknown",
    ),
    (
        "[error] 7#7: *1 FastCGI sent in stderr: \"PHP message: PHP Warning:  x in /a.php on line 2; PHP message: PHP Fatal error:  Allowed memory size of 1 bytes exhausted (tried to allocate 2 bytes) in /a.php on line 3\" while reading response header from upstream",
        "PhpMemory",
    ),
    (
        "[error] 7#7: *1 FastCGI sent in stderr: \"PHP message: PHP Warning:  x in /a.php on line 2\" while reading upstream",
        "PhpNotice",
    ),
    (
        "[error] 7#7: *1 FastCGI sent in stderr: \"PHP message: PHP Parse error:  syntax error in /a.php on line 2\" while reading response header from upstream",
        "PhpFatal",
    ),
    (
        "[error] 7#7: *1 FastCGI sent in stderr: \"PHP message: PHP Fatal error:  Maximum execution time of 1 second exceeded in /a.php on line 2\" while reading response header from upstream",
        "PhpTime",
    ),
    (
        "[error] 7#7: *1 FastCGI sent in stderr: \"Access to the script '/a.txt' has been denied (see security.limit_extensions)\" while reading response header from upstream",
        "ScriptDenied",
    ),
    (
        "[error] 7#7: *1 FastCGI sent in stderr: \"PHP message: PHP Warning:  Unknown: Failed to open stream: Permission denied in Unknown on line 0Unable to open primary script: /a.php (Permission denied)\" while reading response header from upstream",
        "ScriptUnreadable",
    ),
    (
        "[alert] 7#7: *1 fastcgi request record is too big: 70000",
        "ParamsTooBig",
    ),
    (
        "[error] 7#7: *1 no resolver defined to resolve php",
        "Unresolved",
    ),
    (
        "[error] 7#7: *1 php could not be resolved (110: Operation timed out)",
        "Unresolved",
    ),
    (
        "[crit] 7#7: *1 pwrite() \"/var/lib/nginx/body/0000000001\" failed (28: No space left on device)",
        "TempFileFailed",
    ),
    (
        "[crit] 7#7: *1 pwritev() \"/var/lib/nginx/fastcgi/1\" has written only 4096 of 8192 while reading upstream",
        "TempFileFailed",
    ),
    (
        "[crit] 7#7: *1 open() \"/var/lib/nginx/body/0000000001\" failed (13: Permission denied)",
        "TempFileFailed",
    ),
    (
        "[error] 7#7: *1 open() \"/srv/www/favicon.ico\" failed (2: No such file or directory)",
        "-",
    ),
    (
        "[alert] 7#7: *1 socket() failed (24: No file descriptors available) while connecting to upstream",
        "NginxFiles",
    ),
    (
        "[alert] 7#7: *1 1024 worker_connections are not enough",
        "NginxConnections",
    ),
    (
        "[alert] 7#7: worker process 12 exited on signal 11",
        "NginxWorkerDied",
    ),
    (
        "[info] 7#7: *1 epoll_wait() reported that client prematurely closed connection, so upstream connection is closed too while sending request to upstream",
        "ClientGone",
    ),
    ("[info] 7#7: *1 client closed keepalive connection", "-"),
    ("[debug] 7#7: *1 http upstream request: \"/a.php?\"", "-"),
    ("[notice] 7#7: using the \"epoll\" event method", "-"),
    (
        "[warn] 7#7: *1 an upstream response is buffered to a temporary file /x/1 while reading upstream",
        "-",
    ),
];

#[test]
fn messages_of_nginx() {
    for (message, signal) in NGINX {
        let line = format!(
            "2026/11/22 11:31:20 {message}, client: 10.0.0.9, server: a, request: \"GET / HTTP/1.1\", \
             upstream: \"fastcgi://unix:/run/php.sock:\", host: \"a\"\n"
        );
        assert_eq!(said(NginxError, line.as_bytes()), [*signal], "{message}");
    }
}

/// Other logs: kind, line, signal.
const OTHERS: &[(LogKind, &str, &str)] = &[
    (
        Fpm,
        "[22-Nov-2026 11:31:20] WARNING: [pool www] child 70 exited on signal 11 (SIGSEGV - core dumped) after 9.1 seconds from start",
        "ExitSignal",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] WARNING: [pool www] child 70 exited with code 124 after 9.1 seconds from start",
        "ExitCode",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] NOTICE: [pool www] child 70 exited with code 0 after 9.1 seconds from start",
        "ExitClean",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] WARNING: [pool www] server reached pm.max_children setting (5), consider raising it",
        "MaxChildren",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] WARNING: [pool www] server reached max_children setting (5), consider raising it",
        "MaxChildren",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] WARNING: [pool www] seems busy (you may need to increase pm.start_servers, or pm.min/max_spare_servers), spawning 8 children, there are 0 idle, and 4 total children",
        "SeemsBusy",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] NOTICE: Reloading in progress ...",
        "Reloading",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] NOTICE: Finishing ...",
        "Stopping",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] WARNING: failed processes threshold (2 in 60 sec) is reached, initiating reload",
        "EmergencyRestart",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] WARNING: [pool www] child 70 said into stderr: \"ERROR: Connection disallowed: IP address '127.0.0.1' has been dropped.\"",
        "Disallowed",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] ERROR: failed to ptrace(ATTACH) child 70: Operation not permitted (1)",
        "TraceFailed",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] ERROR: unable to bind listening socket for address '/run/php.sock': Permission denied (13)",
        "FpmError",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20.123456] WARNING: pid 7, fpm_children_bury(), line 256: [pool www] child 70 exited on signal 9 (SIGKILL) after 9.1 seconds from start",
        "ExitSignal",
    ),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] NOTICE: [pool www] child 71 started",
        "-",
    ),
    (
        Fpm,
        "[WARNING] [pool www] server reached pm.max_children setting (5), consider raising it",
        "MaxChildren",
    ),
    (Fpm, "[NOTICE] fpm is running, pid 749", "-"),
    (
        Fpm,
        "[22-Nov-2026 11:31:20] NOTICE: a sentence that FPM never wrote",
        "?",
    ),
    (
        Fpm,
        "PHP Fatal error:  Uncaught Error: x in /a.php:2",
        "PhpFatal",
    ),
    (
        PhpError,
        "[22-Nov-2026 11:31:53 UTC] PHP Fatal error:  Uncaught Error: x in /a.php:2",
        "PhpFatal",
    ),
    (
        PhpError,
        "[22-Nov-2026 11:31:53 Europe/Berlin] PHP Notice:  x in /a.php on line 2",
        "-",
    ),
    (
        FpmSlow,
        "[22-Nov-2026 11:31:19]  [pool www] pid 14058\nscript_filename = /a.php\n[0x1] sleep() /a.php:3",
        "SlowTrace",
    ),
    (
        FpmAccess,
        "- -  22/Nov/2026:11:31:57 +0000 \"GET /sleep.php?n=4\" 200 /www/sleep.php 4004.062 2048 0.00% pid=15631",
        "Served",
    ),
    (
        Kernel,
        "[ 5718.976774] Memory cgroup out of memory: Killed process 16744 (php-fpm8.2) total-vm:352616kB",
        "OomKill",
    ),
    (
        Kernel,
        "[ 5718.976774] Killed process 16744 (php-fpm) total-vm:1kB, anon-rss:1kB, file-rss:0kB",
        "OomKill",
    ),
    (
        Kernel,
        "[Sun Nov 22 11:32:24 2026] Out of memory: Killed process 16744, UID 33, (php-fpm8.2) total-vm:1kB",
        "OomKill",
    ),
    (
        Kernel,
        "[ 5718.976774] php-fpm8.2[16744]: segfault at 0 ip 00007f sp 00007f error 4 in libc.so.6[1,2+3]",
        "Segfault",
    ),
    (
        Kernel,
        "[ 5718.976774] traps: php-fpm8.2[16744] general protection fault ip:7f sp:7f error:0 in php[1+2]",
        "Segfault",
    ),
    (
        Kernel,
        "[ 5718.976774] usb 1-1: new high-speed USB device",
        "-",
    ),
    (
        LogKind::Syslog,
        "<186>Nov 22 11:20:48 vm nginx: 2026/11/22 11:20:48 [crit] 7#7: *1 connect() to unix:/x failed (2: No such file or directory) while connecting to upstream, client: ::1, server: , request: \"GET / HTTP/1.1\", upstream: \"fastcgi://unix:/x:\"",
        "ConnectMissing",
    ),
    (
        LogKind::Syslog,
        "2026-11-22T11:20:48.123456+00:00 vm kernel: [ 5718.97] Out of memory: Killed process 7 (php-fpm8.2) total-vm:1kB",
        "OomKill",
    ),
    (
        LogKind::Syslog,
        "Nov 22 11:20:48 vm systemd[1]: php8.2-fpm.service: A process of this unit has been killed by the OOM killer.",
        "UnitOom",
    ),
    (
        LogKind::Syslog,
        "Nov 22 11:20:48 vm cron[7]: (root) CMD (true)",
        "-",
    ),
    (
        LogKind::JournalJson,
        r#"{"__REALTIME_TIMESTAMP":"1795433480123456","SYSLOG_IDENTIFIER":"php-fpm8.2","MESSAGE":"[22-Nov-2026 11:31:20] WARNING: [pool www] server reached pm.max_children setting (5), consider raising it"}"#,
        "MaxChildren",
    ),
    (
        LogKind::JournalJson,
        r#"{"__REALTIME_TIMESTAMP":"1795433480123456","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"Memory cgroup out of memory: Killed process 7 (php-fpm8.2) total-vm:1kB"}"#,
        "OomKill",
    ),
    (
        LogKind::JournalExport,
        "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795433480123456\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=Killed process 7 (php-fpm8.2) total-vm:1kB\n",
        "OomKill",
    ),
    (
        LogKind::DockerJson,
        r#"{"log":"[22-Nov-2026 11:31:20] NOTICE: Reloading in progress ...\n","stream":"stderr","time":"2026-11-22T11:31:20.5Z"}"#,
        "Reloading",
    ),
    (
        LogKind::Cri,
        "2026-11-22T11:31:20.123456789Z stderr F [22-Nov-2026 11:31:20] NOTICE: Reloading in progress ...",
        "Reloading",
    ),
    (
        LogKind::Compose,
        "php-1  | [22-Nov-2026 11:31:20] NOTICE: Reloading in progress ...",
        "Reloading",
    ),
    (
        NginxAccess,
        "::1 - - [22/Nov/2026:11:31:20 +0000] \"GET / HTTP/1.1\" 502 150 \"-\" \"-\"",
        "AccessFailed",
    ),
    (
        NginxAccess,
        "::1 - - [22/Nov/2026:11:31:20 +0000] \"GET / HTTP/1.1\" 200 150 \"-\" \"-\"",
        "-",
    ),
    (NginxAccess, "no access log at all", "?"),
];

#[test]
fn lines_of_other_logs() {
    for (kind, line, signal) in OTHERS {
        let text = format!("{line}\n");
        assert_eq!(said(*kind, text.as_bytes()), [*signal], "{line}");
    }
}

#[test]
fn fields_of_an_nginx_line() {
    let line =
        b"2026/11/22 11:31:20 [error] 71#71: *42 recv() failed (104: Connection reset by peer) \
        while reading response header from upstream, client: 10.0.0.9, server: shop.example, \
        request: \"GET /a.php?q=\",upstream:\"x\" HTTP/1.1\", upstream: \
        \"fastcgi://unix:/run/php.sock:\", host: \"h\", referrer: \"http://r/\", host: \"evil\", \
        upstream: \"fastcgi://evil\"\n";
    assert_eq!(
        fields(NginxError, line),
        "server=shop.example upstream=unix:/run/php.sock scheme=fastcgi client=10.0.0.9 method=GET \
         path=/a.php query=q=\",upstream:\"x\" connection=42 code=104 time=1795347080000"
    );
}

#[test]
fn fields_of_an_fpm_line() {
    let line = b"[22-Nov-2026 11:31:20] WARNING: [pool www] child 14058, script '/w/it's.php' \
        (request: \"GET /it's.php?a=' (request: \") execution timed out (1 sec), terminating\") \
        execution timed out (2.216985 sec), terminating\n";
    assert_eq!(
        fields(Fpm, line),
        "pool=www method=GET path=/it's.php query=a=' (request: \") execution timed out (1 sec), \
         terminating script=/w/it's.php pid=14058 millis=2216 time=1795347080000"
    );
}

/// What nginx cuts at 2,048 bytes keeps its message; a stack trace belongs to its entry.
#[test]
fn cut_lines_and_stack_traces() {
    let long = format!(
        "2026/11/22 11:31:20 [error] 7#7: *1 recv() failed (104: Connection reset by peer) while \
         reading response header from upstream, client: ::1, server: a, request: \"GET /{}\n",
        "x".repeat(1800)
    );
    assert_eq!(said(NginxError, long.as_bytes()), ["ResetBeforeHeader"]);
    let trace = b"2026/11/22 11:31:20 [error] 7#7: *1 FastCGI sent in stderr: \"PHP message: PHP \
        Fatal error:  Uncaught Error: f() in /x.php:2\nStack trace:\n#0 {main}\n  thrown in /x.php \
        on line 2\" while reading response header from upstream, client: ::1, server: a, request: \
        \"GET /x.php HTTP/1.1\"\n";
    assert_eq!(said(NginxError, trace), ["PhpFatal"]);
    assert!(fields(NginxError, trace).contains("path=/x.php"));
}
