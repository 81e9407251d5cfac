//! Reading logs from memory, as the program reads them from the disk.

use base::FilePath;
use base::diagnosis::Diagnosis;
use diagnose::state::{At, SourceState, file_id};
use diagnose::{Stack, State, Wanted};
use logs::Read;
use logs::scan::{Scanner, Settings};
use logs::time::Zone;
use model::php::FpmInput;
use model::{Files, Inputs, MemoryFiles, Model, Source};

/// Reads a log into a state; what is not understood fails the test.
pub(crate) fn read(state: &mut State, name: &str, text: &[u8]) {
    let kind = logs::detect::detect(text);
    let kind = kind.unwrap_or_else(|| panic!("{name} is no log that is known"));
    let settings = Settings {
        zone: Zone::fixed(0),
        year: 2026,
        formats: Vec::new(),
    };
    let mut scanner = Scanner::new(kind, false, settings);
    let file = file_id(name);
    let mut source = SourceState {
        name: name.to_owned(),
        kind: kind.word().to_owned(),
        ..SourceState::default()
    };
    scanner.scan(text, 1, &mut |seen| {
        source.lines += seen.lines;
        source.saw(seen.time());
        if seen.request.status != 0 {
            *source.statuses.entry(seen.request.status).or_default() += 1;
        }
        match &seen.read {
            Read::Event(event) => {
                source.matched += seen.lines;
                let line = seen.line;
                state.add(At { file, line }, seen.entry, event);
            }
            Read::Irrelevant => source.irrelevant += seen.lines,
            Read::Unknown => panic!(
                "{name}:{}: not understood: {}",
                seen.line,
                String::from_utf8_lossy(seen.entry)
            ),
        }
    });
    source.saw(scanner.span_of(text).map(|(first, _)| first));
    source.saw(scanner.span_of(text).map(|(_, last)| last));
    source.levels = scanner.levels();
    state.sources.entry(file).or_default().merge(&source);
}

/// What the configuration says.
pub(crate) fn stack(files: &[(String, String)]) -> Stack {
    let mut memory = MemoryFiles::default();
    let mut inputs = Inputs::default();
    let mut nginx = Vec::new();
    let mut fpm = Vec::new();
    for (name, text) in files {
        let path = format!("/etc/{name}");
        memory.insert(path.as_bytes(), text.as_bytes());
        match name.as_str() {
            "nginx.conf" => nginx.push(FilePath::new(&path)),
            "fpm.conf" => fpm.push(FpmInput::main(FilePath::new(&path))),
            _ => {}
        }
    }
    if let Some(input) = fpm.first_mut()
        && files.iter().any(|(name, _)| name == "php.ini")
    {
        input.php_ini = Some(FilePath::new("/etc/php.ini"));
    }
    let source = |input: FilePath| Source {
        input,
        files: &memory as &dyn Files,
        via: None,
    };
    inputs.nginx = nginx.into_iter().map(source).collect();
    inputs.fpm = fpm
        .into_iter()
        .map(|input| Source {
            input,
            files: &memory as &dyn Files,
            via: None,
        })
        .collect();
    Stack::of(&Model::load(inputs, &memory))
}

/// Judges, with single incidents.
pub(crate) fn judge(mut state: State, stack: &Stack) -> Diagnosis {
    state.seal();
    let wanted = Wanted {
        incidents: true,
        shown_offset: 0,
    };
    diagnose::diagnose(&state, stack, wanted)
}
