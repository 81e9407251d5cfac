//! Spike.
#![allow(unsafe_code, missing_docs)]
use base::{FilePath, Severity};
use model::detect::{Kind, detect};
use model::php::FpmInput;
use model::{Inputs, MemoryFiles, Model, Source};
use report::{Format, Report, Style, Summary};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct File {
    path: String,
    text: String,
}
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    About {},
    Check {
        files: Vec<File>,
        #[serde(default)]
        strict: bool,
        #[serde(default)]
        maps: Vec<String>,
        #[serde(default)]
        facts: Option<String>,
    },
    Explain {
        id: String,
    },
    Diagnose {
        files: Vec<File>,
        logs: Vec<File>,
    },
}
#[derive(Serialize)]
struct RuleMeta {
    id: &'static str,
    severity: &'static str,
    group: &'static str,
    summary: &'static str,
    fix: &'static str,
}
#[derive(Serialize)]
struct CauseMeta {
    id: &'static str,
    title: &'static str,
    summary: &'static str,
}

#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: u32) -> u32 {
    Box::into_raw(vec![0u8; len as usize].into_boxed_slice()) as *mut u8 as u32
}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(ptr: u32, len: u32) {
    drop(unsafe { Vec::from_raw_parts(ptr as *mut u8, len as usize, len as usize) });
}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(ptr: u32, len: u32) -> u64 {
    let request = unsafe { Vec::from_raw_parts(ptr as *mut u8, len as usize, len as usize) };
    let answer = answer(&request).into_boxed_slice();
    let len = answer.len() as u64;
    (Box::into_raw(answer) as *mut u8 as u32 as u64) << 32 | len
}

fn err(e: &str) -> Vec<u8> {
    format!(
        "{{\"ok\":false,\"error\":{}}}",
        serde_json::to_string(e).unwrap_or_default()
    )
    .into_bytes()
}

pub fn answer(request: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<Request>(request) {
        Err(e) => err(&e.to_string()),
        Ok(Request::About {}) => {
            let rules: Vec<RuleMeta> = rules::all()
                .iter()
                .map(|r| RuleMeta {
                    id: r.id,
                    severity: r.severity.word(),
                    group: r.group,
                    summary: r.summary(),
                    fix: r.fix.word(),
                })
                .collect();
            let causes: Vec<CauseMeta> = diagnose::causes::ALL
                .iter()
                .map(|c| CauseMeta {
                    id: c.id,
                    title: c.title,
                    summary: c.summary(),
                })
                .collect();
            format!(
                "{{\"ok\":true,\"version\":\"{}\",\"rules\":{},\"causes\":{}}}",
                env!("CARGO_PKG_VERSION"),
                serde_json::to_string(&rules).unwrap_or_default(),
                serde_json::to_string(&causes).unwrap_or_default()
            )
            .into_bytes()
        }
        Ok(Request::Explain { id }) => {
            let page = rules::by_id(&id)
                .map(|r| r.page())
                .or_else(|| diagnose::causes::by_id(&id).map(|c| c.page()))
                .unwrap_or_default();
            format!(
                "{{\"ok\":true,\"title\":{},\"markdown\":{}}}",
                serde_json::to_string(&id).unwrap_or_default(),
                serde_json::to_string(&page).unwrap_or_default()
            )
            .into_bytes()
        }
        Ok(Request::Check {
            files,
            strict,
            maps: _,
            facts,
        }) => {
            let mem = memory(&files);
            let mut model = load(&files, &mem, facts.as_deref());
            let mut options = rules::Options::default();
            options.strict = strict;
            let cx = rules::Context::with(&model, options);
            let mut judged = rules::judge(&cx);
            fix::attach(&cx, &mut judged.findings);
            let (ladders, unknown) = (cx.ladders(), cx.unknowns());
            drop(cx);
            let mut problems = std::mem::take(&mut model.problems);
            problems.extend(unknown);
            let mut hidden = 0;
            if !strict {
                let n = judged.findings.len();
                judged.findings.retain(|f| f.severity > Severity::Info);
                hidden = n - judged.findings.len();
            }
            let ids: Vec<_> = model.sources.iter().map(|(id, _)| id).collect();
            for id in ids {
                model.mark_secrets(id);
            }
            let mut report = Report {
                sources: &model.sources,
                findings: &judged.findings,
                problems: &problems,
                unjudged: &judged.unjudged,
                ladders: &ladders,
                summary: Summary {
                    routes: model.routes().count(),
                    pools: model.pools().count(),
                    files: model.sources.iter().count(),
                    hidden,
                    known: 0,
                    gone: 0,
                    version: env!("CARGO_PKG_VERSION"),
                },
            };
            let style = Style {
                colour: false,
                width: 100,
                show_secrets: false,
                strict,
            };
            let mut out = b"{\"ok\":true,\"report\":".to_vec();
            let _ = report::render(&report, &[], Format::Json, &style, &mut out);
            out.extend(b",\"chain\":");
            report.findings = &[];
            report.unjudged = &[];
            report.summary.hidden = 0;
            let _ = report::chain_json(&report, &mut out);
            out.push(b'}');
            out
        }
        Ok(Request::Diagnose { files, logs }) => {
            let mem = memory(&files);
            let mut state = diagnose::State::default();
            let model = load(&files, &mem, None);
            for log in &logs {
                let Some(kind) = logs::detect::detect(log.text.as_bytes()) else {
                    continue;
                };
                let settings = logs::scan::Settings {
                    zone: logs::time::Zone::stepping(&[(i64::MIN / 2000, 0)]),
                    year: 2026,
                    formats: vec![],
                };
                let mut scanner = logs::scan::Scanner::new(kind, false, settings);
                scanner.scan(log.text.as_bytes(), 1, &mut |seen: &logs::scan::Seen<
                    '_,
                >| {
                    if let logs::Read::Event(e) = &seen.read {
                        state.add(
                            diagnose::state::At {
                                file: 1,
                                line: seen.line,
                            },
                            seen.entry,
                            e,
                        );
                    }
                });
            }
            state.seal();
            let stack = diagnose::Stack::of(&model);
            let mut d = diagnose::diagnose(
                &state,
                &stack,
                diagnose::Wanted {
                    incidents: true,
                    shown_offset: 0,
                },
            );
            let l = |s: &fix::Store| {
                let _ = s;
                load(&files, &mem, None)
            };
            let r = |_: Option<&str>, p: &FilePath| p.clone();
            for g in &mut d.groups {
                let (fixed, _) = fix::run(&l, &r, &fix::Wants::default());
                let mut t = Vec::new();
                let diffs: Vec<_> = fixed
                    .files
                    .iter()
                    .map(|c| report::Diff {
                        path: c.shown.to_string(),
                        old: c.old.to_vec(),
                        new: c.new.to_vec(),
                    })
                    .collect();
                let _ = report::diff(&diffs, false, &mut t);
                g.diff = String::from_utf8_lossy(&t).into_owned();
            }
            let answer = report::diagnosis::Answer {
                diagnosis: &d,
                sources: &model.sources,
                problems: &model.problems,
                version: "x",
            };
            let mut out = Vec::new();
            let _ = report::diagnosis::json(&answer, true, &mut out);
            let _ = report::diagnosis::html(&answer, &mut out);
            out
        }
    }
}
fn memory(files: &[File]) -> MemoryFiles {
    let mut m = MemoryFiles::default();
    for f in files {
        m.insert(abs(&f.path), f.text.as_bytes());
    }
    m
}
fn abs(p: &str) -> String {
    if p.starts_with('/') {
        p.to_owned()
    } else {
        format!("/{p}")
    }
}
fn load(files: &[File], mem: &MemoryFiles, facts: Option<&str>) -> Model {
    let mut inputs = Inputs::default();
    if let Some(f) = facts
        && let Ok(f) = settings::host::facts("host.toml", f)
    {
        inputs.facts = f;
    }
    let mut ini = None;
    let mut pools = vec![];
    for f in files {
        let path = FilePath::new(abs(&f.path));
        match detect(&path, f.text.as_bytes()) {
            Some(Kind::Nginx) if !f.text.contains("server {") || f.text.contains("http {") => {
                inputs.nginx.push(Source {
                    input: path,
                    files: mem,
                    via: None,
                })
            }
            Some(Kind::FpmMain) => inputs.fpm.push(Source {
                input: FpmInput::main(path),
                files: mem,
                via: None,
            }),
            Some(Kind::FpmPool) => pools.push(path),
            Some(Kind::PhpIni) => ini = Some(path),
            _ => {}
        }
    }
    if inputs.fpm.is_empty() && !pools.is_empty() {
        inputs.fpm.push(Source {
            input: FpmInput::fragments(pools),
            files: mem,
            via: None,
        });
    }
    for f in &mut inputs.fpm {
        f.input.php_ini = ini.clone();
    }
    Model::load(inputs, mem)
}
