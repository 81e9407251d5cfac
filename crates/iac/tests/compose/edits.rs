use crate::project::Project;
#[test]
fn debug() {
    let mut p = Project::fixture("override");
    p.0.insert("php.ini".into(), b"max_execution_time = 31\n".to_vec());
    println!("{}", p.said());
    p.0.remove("compose.override.yaml");
    println!("{}", p.said());
    let p = Project::fixture("include");
    for f in p.judged().0.findings { println!("{} {:?}", f.message, f.because); }
}
