//! From the Markdown of a page to HTML.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Parser, Tag, TagEnd, html};

/// What a page puts into its text.
pub(crate) struct Additions<'a> {
    /// The address of the page of a rule or cause, for a name in backticks.
    pub address: &'a dyn Fn(&str) -> Option<String>,
    /// HTML that follows a section, by its heading.
    pub after: &'a [(&'a str, String)],
}

/// Renders a page. HTML in it is shown, not taken for markup.
pub(crate) fn render(text: &str, additions: &Additions<'_>) -> String {
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut section = String::new();
    let mut parser = Parser::new(text);
    while let Some(event) = parser.next() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                close(&section, additions, &mut events);
                let inside: Vec<Event<'_>> = heading(&mut parser);
                section = plain(&inside);
                events.push(Event::Start(Tag::Heading {
                    level,
                    id: (level != HeadingLevel::H1).then(|| slug(&section).into()),
                    classes: vec![],
                    attrs: vec![],
                }));
                events.extend(inside);
                events.push(Event::End(TagEnd::Heading(level)));
            }
            Event::Start(Tag::CodeBlock(kind)) => events.push(raw(open_code(&kind))),
            Event::End(TagEnd::CodeBlock) => events.push(raw("</code></pre></figure>\n".into())),
            Event::Code(code) => events.push(match (additions.address)(&code) {
                Some(address) => raw(format!(
                    "<a href=\"{address}\"><code>{}</code></a>",
                    escape(&code)
                )),
                None => Event::Code(code),
            }),
            Event::Html(html) | Event::InlineHtml(html) => events.push(Event::Text(html)),
            other => events.push(other),
        }
    }
    close(&section, additions, &mut events);
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out
}

/// All text of a page without its markup, for searching.
pub(crate) fn words(text: &str) -> String {
    plain(&Parser::new(text).collect::<Vec<_>>())
}

/// A name for an address: `Why it matters` is `why-it-matters`.
fn slug(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// For text and attributes.
pub(crate) fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

fn raw<'e>(html: String) -> Event<'e> {
    Event::Html(CowStr::from(html))
}

fn close(section: &str, additions: &Additions<'_>, events: &mut Vec<Event<'_>>) {
    let after = additions.after.iter();
    let after = after.filter(|(heading, _)| *heading == section);
    events.extend(after.map(|(_, html)| raw(html.clone())));
}

fn heading<'t>(parser: &mut Parser<'t>) -> Vec<Event<'t>> {
    let end = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Heading(_)));
    parser.take_while(|event| !end(event)).collect()
}

fn plain(events: &[Event<'_>]) -> String {
    let mut out = String::new();
    for event in events {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) => out.push_str(text),
            Event::InlineHtml(text) => out.push_str(text),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_)) => out.push('\n'),
            _ => {}
        }
    }
    out
}

/// A block of code with the name of the file it belongs to.
fn open_code(kind: &CodeBlockKind<'_>) -> String {
    let info = match kind {
        CodeBlockKind::Fenced(info) => info.as_ref(),
        CodeBlockKind::Indented => "",
    };
    let name = match info {
        "fpm" => "PHP-FPM pool",
        "php-ini" => "php.ini",
        "facts" => "host.toml",
        other => other.strip_prefix("file ").unwrap_or(other),
    };
    let name = escape(name);
    let caption = match name.is_empty() {
        true => String::new(),
        false => format!("<figcaption>{name}</figcaption>"),
    };
    format!("<figure>{caption}<pre tabindex=\"0\"><code>")
}
