//! The output of `php-fpm -tt`: effective values, one a line, behind a time stamp and `NOTICE:`.

/// The dump as an ini file of the same length: what is not a section or a setting becomes blank,
/// so that every place in the result is the same place in the dump.
///
/// Written by `fpm_conf_dump` in `sapi/fpm/fpm/fpm_conf.c`.
pub fn to_ini(dump: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(dump.len());
    for line in dump.split_inclusive(|&b| b == b'\n') {
        let text_len = line.len() - usize::from(line.ends_with(b"\n"));
        let (text, end) = line.split_at(text_len);
        let start = content_start(text);
        out.extend(std::iter::repeat_n(b' ', start));
        out.extend_from_slice(&text[start..]);
        out.extend_from_slice(end);
    }
    out
}

/// Where the setting of a line begins; the line's length when it has none.
fn content_start(line: &[u8]) -> usize {
    const NOTICE: &[u8] = b"] NOTICE: ";
    let Some(at) = line.windows(NOTICE.len()).position(|w| w == NOTICE) else {
        return line.len();
    };
    let start = at + NOTICE.len();
    let content = &line[start..];
    let is_section = content.starts_with(b"[") && content.ends_with(b"]");
    let blanks = content.iter().take_while(|b| **b == b'\t').count();
    let has_value = !content.ends_with(b" = undefined");
    match is_section || (blanks > 0 && content.contains(&b'=') && has_value) {
        true => start + blanks,
        false => line.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::to_ini;

    #[test]
    fn places_stay_where_they_are() {
        let dump = b"[23-Nov-2026 09:00:00] NOTICE: [global]\n\
            [23-Nov-2026 09:00:00] NOTICE: \tpid = /run/x.pid\n\
            [23-Nov-2026 09:00:00] NOTICE: \tprefix = undefined\n\
            [23-Nov-2026 09:00:00] NOTICE:  \n\
            [23-Nov-2026 09:00:00] NOTICE: configuration file /x test is successful\n";
        let ini = to_ini(dump);
        assert_eq!(ini.len(), dump.len());
        let words: Vec<_> = String::from_utf8_lossy(&ini)
            .lines()
            .map(|line| line.trim().to_owned())
            .collect();
        assert_eq!(words, ["[global]", "pid = /run/x.pid", "", "", ""]);
    }
}
