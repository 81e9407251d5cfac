//! Texts and moments as the page shows them.

/// Text that is no markup.
pub(super) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}

/// How long ago a moment is; behind it stands the moment itself.
pub(super) fn ago(now: i64, at: i64) -> String {
    let seconds = (now - at) / 1000;
    let words = match seconds {
        ..0 => "just now".to_owned(),
        0..120 => format!("{seconds} s ago"),
        120..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    };
    let moment = super::moment(at);
    format!("<time datetime=\"{moment}\" title=\"{moment}\">{words}</time>")
}

#[cfg(test)]
mod tests {
    use super::{ago, text};

    #[test]
    fn nothing_is_left_of_markup() {
        assert_eq!(
            text("<a href='x' id=\"y\">&amp;"),
            "&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;amp;"
        );
    }

    #[test]
    fn moments_in_words() {
        let words = |seconds: i64| {
            let text = ago(1_000_000_000_000, 1_000_000_000_000 - seconds * 1000);
            text.split(['<', '>']).nth(2).unwrap_or_default().to_owned()
        };
        let all = [-5, 0, 119, 120, 7199, 7200, 172_800].map(words);
        let expected = [
            "just now",
            "0 s ago",
            "119 s ago",
            "2 min ago",
            "119 min ago",
            "2 h ago",
            "2 days ago",
        ];
        assert_eq!(all, expected);
    }
}
