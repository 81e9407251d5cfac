//! Terminal colours, or none.

/// What is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// As the terminal has it.
    Plain,
    /// Names and headings.
    Bold,
    /// What may be skipped.
    Dim,
    /// What is wrong.
    Red,
    /// What is in doubt.
    Yellow,
    /// What is well.
    Green,
    /// A limit of nginx.
    Blue,
    /// A limit of FPM.
    Magenta,
    /// A limit of PHP.
    Cyan,
}

/// The text in that colour, if colours are wanted.
pub(crate) fn paint(text: &str, ink: Ink, colour: bool) -> String {
    if !colour || ink == Ink::Plain || text.is_empty() {
        return text.to_owned();
    }
    let code = match ink {
        Ink::Plain => "0",
        Ink::Bold => "1",
        Ink::Dim => "2",
        Ink::Red => "1;31",
        Ink::Yellow => "33",
        Ink::Green => "32",
        Ink::Blue => "34",
        Ink::Magenta => "35",
        Ink::Cyan => "36",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
