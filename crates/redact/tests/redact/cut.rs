//! Texts that end early, and values that are longer than anybody looks.

use redact::{Options, Text, redact, restore};

fn hidden(path: &str, text: &str) -> String {
    let texts = [Text {
        path: path.as_bytes(),
        bytes: text.as_bytes(),
    }];
    let redacted = redact(&texts, &Options::default());
    let out = &redacted.texts[0];
    assert_eq!(restore(out, &redacted.map).bytes, text.as_bytes());
    String::from_utf8(out.clone()).expect("it was UTF-8")
}

#[test]
fn a_frame_may_be_cut_anywhere() {
    let text = "{\"function\":\"connect\",\"args\":[\"cloud\",\"Wn7Rk2Lp9QxT\"]}";
    assert!(!hidden("x.json", text).contains("Wn7Rk2Lp9QxT"));
    for at in 0..text.len() {
        for put in ["\n", "\"", ""] {
            hidden("x.json", &format!("{}{put}{}", &text[..at], &text[at..]));
        }
        hidden("x.json", &text[..at]);
    }
}

#[test]
fn arguments_may_go_on_in_the_next_line() {
    for text in [
        "$db = new PDO('mysql:host=db;dbname=x', 'app', 'Sommer2024',\n    [PDO::ATTR => 1]);\n",
        "mysqli_connect('db', 'app', 'Sommer2024',\n  'shop');\n",
        "#0 a.php(3): mysqli_connect('db', 'app', 'Sommer2024'",
    ] {
        let out = hidden("db.php", text);
        assert!(!out.contains("Sommer2024"), "{out}");
    }
}

/// However long a value is, nothing of it is left.
#[test]
fn a_long_value_is_hidden_to_its_end() {
    let letters = || (0..40_000u32).map(|at| char::from(b"aB3dE5gH7jK9mN1pQ"[at as usize % 17]));
    let plain: String = letters().collect();
    let coded: String = letters()
        .enumerate()
        .map(|(at, c)| if at % 50 == 49 { '+' } else { c })
        .collect();
    for value in [&plain, &coded] {
        for text in [
            format!("DB_PASSWORD={value}\nDB_HOST=db\n"),
            format!("DB_PASSWORD=\"{value}\"\nDB_HOST=db\n"),
            format!("x: {{ \"password\": \"{value}\", \"host\": \"db\" }}\n"),
            format!("fastcgi_param DB_PASSWORD {value};\nfastcgi_param DB_HOST db;\n"),
        ] {
            for path in [".env", "x.yml", "nginx.conf", "notes.txt"] {
                let out = hidden(path, &text);
                let left = out.matches("aB3dE5").count();
                assert!(
                    left == 0 && out.contains("db"),
                    "{path}: {left} times, {} bytes",
                    out.len()
                );
            }
        }
    }
}
