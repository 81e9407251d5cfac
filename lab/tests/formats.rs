//! The XML reports of the program by the schemas of those who read them; xmllint is the judge.

use std::path::Path;
use std::process::Command;

use lab::program;
use lab::scratch::Scratch;

/// What xmllint says of a file by a schema; `None` when it is valid.
fn refused(file: &Path, schema: &str) -> Option<String> {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(schemas.join(schema))
        .arg(file)
        .output()
        .expect("xmllint IS MISSING. Install: apt-get install -y libxml2-utils");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => None,
        // Not well-formed, or not valid.
        Some(1 | 3) => Some(said),
        other => panic!("xmllint cannot judge ({other:?}): {said}"),
    }
}

/// A stack with findings, gaps, and names that try to break out.
fn hostile(folder: &Scratch) -> String {
    let name = "<b> & \"q\" 'a' ]]> --> &x; \u{e4}\u{1b}.conf";
    folder.write(
        "etc/nginx/nginx.conf",
        "user www-data;\nevents {}\nhttp {\n    include sites/*.conf;\n    include missing.conf;\n}\n",
    );
    folder.write(
        &format!("etc/nginx/sites/{name}"),
        "server {\n    listen 80;\n    server_name \"<a>&b;\";\n    root /srv;\n    \
         location ~ \"\\.php$|<i>\" {\n        fastcgi_read_timeout 0;\n        \
         fastcgi_pass unix:/run/php/<x>&y.sock;\n    }\n}\n",
    );
    folder.write(
        "etc/php/8.2/fpm/php-fpm.conf",
        "[www]\nuser = www-data\nlisten = /run/php/a.sock\npm = static\npm.max_children = 1\n",
    );
    folder.path().display().to_string()
}

#[test]
fn junit_and_checkstyle_are_what_their_readers_take() {
    let folder = Scratch::new("formats");
    let hostile = hostile(&folder);
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/broken-stack");
    for (format, schema) in [("junit", "junit-10.xsd"), ("checkstyle", "checkstyle.xsd")] {
        for root in [hostile.as_str(), examples] {
            let args = ["check", "--strict", "--root", root, "--format", format];
            let output = program::run(&args);
            let code = output.status.code();
            assert!(matches!(code, Some(1 | 2)), "{code:?}: {output:?}");
            let text = String::from_utf8(output.stdout).expect("text");
            assert!(
                text.contains("read-timeout-zero") || root == examples,
                "{text}"
            );
            let file = folder.write("report.xml", &text);
            assert_eq!(refused(&file, schema), None, "{format} of {root}:\n{text}");
        }
    }
}

/// A judge that takes everything proves nothing.
#[test]
fn the_schemas_bite() {
    let folder = Scratch::new("schemas");
    for (schema, text) in [
        (
            "junit-10.xsd",
            "<testsuites><testsuite name=\"a\"/></testsuites>",
        ),
        ("junit-10.xsd", "<testsuites skipped=\"1\"></testsuites>"),
        ("junit-10.xsd", "<testsuites>"),
        (
            "checkstyle.xsd",
            "<checkstyle version=\"1\"><file/></checkstyle>",
        ),
        (
            "checkstyle.xsd",
            "<checkstyle version=\"1\"><file name=\"a\"><error/></file></checkstyle>",
        ),
    ] {
        let file = folder.write("wrong.xml", text);
        assert!(refused(&file, schema).is_some(), "{text}");
    }
}
