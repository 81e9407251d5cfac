//! `redact` and `restore`: read texts, let the room of the same name work, write what comes out.

mod output;
mod texts;

use std::io::{self, Write};
use std::path::Path;

use base::source::printable;
use redact::{Detector, Map, Options, SlipKind, Stream, Text};

use crate::cli::{ListFormat, RedactArgs, RestoreArgs};
use crate::diagnosing::Progress;
use crate::run::Outcome;
use crate::talk;

use texts::{Body, Input};

/// Hides the secrets of the inputs.
pub(crate) fn redact(args: &RedactArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let Some(rules) = read_rules(&args.rules) else {
        return Ok(Outcome::Undecided);
    };
    let detectors: Vec<&dyn Detector> = rules.iter().map(|rules| rules as &dyn Detector).collect();
    let (mut inputs, mut complete) = texts::read(&args.inputs);
    if inputs.is_empty() {
        return Ok(Outcome::Undecided);
    }
    let mut options = Options {
        identity: args.identity,
        detectors: &detectors,
        ..Options::default()
    };
    // What a large log holds is hidden in the small files, too.
    let known = learn(&inputs, options, &mut complete);
    options.known = &known;
    let small: Vec<Text<'_>> = inputs.iter().filter_map(Input::text).collect();
    let mut redacted = redact::redact(&small, &options);
    let revealed = output::revealed(&args.reveal, &small, &redacted);
    let Some(revealed) = revealed else {
        return Ok(Outcome::Undecided);
    };
    if !revealed.is_empty() {
        options.reveal = &revealed;
        redacted = redact::redact(&small, &options);
    }
    if args.explain || args.fail_on_secret {
        output::explain(&small, &redacted);
        for large in inputs.iter().filter(|input| input.text().is_none()) {
            let name = printable(&large.name);
            talk(&format!(
                "note: {name} is read as a stream; its places are not listed"
            ));
        }
    }
    let mut count = redacted.found.len();
    let names: Vec<Vec<u8>> = small.iter().map(|text| text.path.to_vec()).collect();
    let has_large = inputs.iter().any(|input| input.text().is_none());
    if has_large && args.format == ListFormat::Json {
        talk("error: with --format json every text must fit into memory");
        return Ok(Outcome::Undecided);
    }
    let map = std::mem::take(&mut redacted.map);
    let mut sink = output::Sink::new(args.write.as_deref(), inputs.len(), out);
    match args.format {
        ListFormat::Json => output::json(&small, &redacted, out)?,
        ListFormat::Full => {
            for (name, text) in names.iter().zip(&redacted.texts) {
                complete &= sink.text(name, text)?;
            }
        }
    }
    let mut stream = Stream::continuing(map, options);
    for input in inputs.iter_mut().filter(|input| input.text().is_none()) {
        let mut sink = output::Sink::new(args.write.as_deref(), names.len() + 1, out);
        match stream_one(input, &mut stream, &mut sink)? {
            Some(hidden) => count += hidden,
            None => complete = false,
        }
    }
    if let Some(path) = &args.map {
        complete &= output::write_map(path, &stream.into_map());
    }
    output::summary(count, args);
    Ok(match (complete, args.fail_on_secret && count > 0) {
        (false, _) => Outcome::Undecided,
        (true, true) => Outcome::Findings,
        (true, false) => Outcome::Clean,
    })
}

/// Puts the values back.
pub(crate) fn restore(args: &RestoreArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let Some(map) = output::read_map(&args.map) else {
        return Ok(Outcome::Undecided);
    };
    let (mut inputs, mut complete) = texts::read(&args.inputs);
    if inputs.is_empty() {
        return Ok(Outcome::Undecided);
    }
    let several = inputs.len();
    let mut sink = output::Sink::new(args.write.as_deref(), several, out);
    let mut slips = 0;
    for input in &mut inputs {
        let Some(bytes) = input.whole() else {
            complete = false;
            continue;
        };
        let restored = redact::restore(&bytes, &map);
        slips += say_slips(input, &bytes, &restored, &map);
        complete &= sink.text(&input.name, &restored.bytes)?;
    }
    Ok(match (complete, slips) {
        (false, _) => Outcome::Undecided,
        (true, 0) => Outcome::Clean,
        (true, _) => Outcome::Findings,
    })
}

fn say_slips(input: &Input, bytes: &[u8], restored: &redact::Restored, map: &Map) -> usize {
    let name = printable(&input.name);
    let all = restored.slips.iter().cloned();
    let all: Vec<_> = all
        .chain(redact::compare(&input.name, restored, map))
        .collect();
    for slip in &all {
        let line = slip
            .at
            .map(|at| bytes[..at].iter().filter(|b| **b == b'\n').count() + 1);
        let place = line.map_or_else(|| name.clone(), |line| format!("{name}:{line}"));
        let what = printable(slip.placeholder.as_bytes());
        let why = match slip.kind {
            SlipKind::Invented => "was never handed out; it stays as it is",
            SlipKind::Altered => "resembles a placeholder; it stays as it is",
            SlipKind::Lost => "is gone: its value is in this text no more",
            SlipKind::Duplicated => {
                "stands more often than it was handed out; its value was put in each time"
            }
        };
        talk(&format!("{}: {place}: `{what}` {why}", slip.kind.word()));
    }
    all.len()
}

/// Reads the rules of the user's own files.
pub(crate) fn read_rules(paths: &[std::path::PathBuf]) -> Option<Vec<settings::gitleaks::Rules>> {
    let read = |path: &Path| {
        let text = crate::disk::read_settings(path).map_err(|error| error.to_string())?;
        let rules =
            settings::gitleaks::Rules::parse(&text).map_err(|refusal| refusal.to_string())?;
        for skipped in rules.skipped() {
            talk(&format!("note: {}: {skipped}", shown(path)));
        }
        Ok(rules)
    };
    let mut out = Vec::new();
    for path in paths {
        match read(path) {
            Ok(rules) => out.push(rules),
            Err(why) => {
                let why: String = why;
                talk(&format!(
                    "error: cannot read the rules {}: {why}",
                    shown(path)
                ));
                return None;
            }
        }
    }
    Some(out)
}

pub(crate) fn shown(path: &Path) -> String {
    printable(path.as_os_str().as_encoded_bytes())
}

/// The values that large inputs hold: they are read twice.
fn learn(inputs: &[Input], options: Options<'_>, complete: &mut bool) -> Vec<Vec<u8>> {
    let mut stream = Stream::new(options);
    for input in inputs {
        let Body::Large(path) = &input.body else {
            continue;
        };
        let result = texts::open(path).and_then(|mut blocks| {
            let mut block = Vec::new();
            while blocks.next(&mut block)? {
                stream.learn(&block);
            }
            Ok(())
        });
        if let Err(error) = result {
            talk(&format!(
                "error: cannot read {}: {error}",
                printable(&input.name)
            ));
            *complete = false;
        }
    }
    stream.values().to_vec()
}

/// Redacts a large input; gives back how much was hidden, or nothing when it could not be read.
fn stream_one(
    input: &mut Input,
    stream: &mut Stream<'_>,
    sink: &mut output::Sink<'_>,
) -> io::Result<Option<usize>> {
    let name = printable(&input.name);
    let (mut blocks, size) = match input.blocks() {
        Ok(blocks) => blocks,
        Err(error) => {
            talk(&format!("error: cannot read {name}: {error}"));
            return Ok(None);
        }
    };
    let Some(mut file) = sink.begin(&input.name)? else {
        return Ok(None);
    };
    let progress = Progress::new(std::iter::once(size));
    progress.begin(&name);
    let (mut block, mut text, mut hidden) = (Vec::new(), Vec::new(), 0);
    loop {
        match blocks.next(&mut block) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                progress.finish();
                talk(&format!("error: cannot read {name}: {error}"));
                return Ok(None);
            }
        }
        text.clear();
        hidden += stream.redact(&block, &mut text);
        file.write_all(&text)?;
        progress.advance(block.len() as u64);
    }
    progress.finish();
    stream.end(&input.name);
    file.flush()?;
    Ok(Some(hidden))
}
