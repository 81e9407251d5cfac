//! What git leaves out of a folder. That the patterns are read as git reads them is tried on git
//! itself, in the lab.

use base::FilePath;
use intake::{Found, Gather};
use model::MemoryFiles;

const SITE: &str = "server {\n    listen 80;\n}\n";

fn tree(files: &[(&str, &str)]) -> MemoryFiles {
    let mut tree = MemoryFiles::default();
    for (path, text) in files {
        tree.insert(path, text.as_bytes());
    }
    tree
}

fn found(tree: &MemoryFiles, folder: &str) -> Found {
    let mut gather = Gather::new(tree);
    gather.folder(&FilePath::new(folder));
    gather.finish()
}

fn names(found: &Found) -> Vec<String> {
    found.nginx.iter().map(ToString::to_string).collect()
}

#[test]
fn patterns_of_a_work_tree() {
    let tree = tree(&[
        ("/r/.git/HEAD", ""),
        ("/r/.git/info/exclude", "mine.conf\n"),
        ("/r/.gitignore", "build/\n*.local.conf\n/only-top.conf\n"),
        ("/r/a.conf", SITE),
        ("/r/mine.conf", SITE),
        ("/r/only-top.conf", SITE),
        ("/r/build/b.conf", SITE),
        ("/r/conf/.gitignore", "!c.local.conf\n"),
        ("/r/conf/c.local.conf", SITE),
        ("/r/conf/d.local.conf", SITE),
        ("/r/conf/only-top.conf", SITE),
        ("/r/node_modules/e/e.conf", SITE),
    ]);
    let seen = names(&found(&tree, "/r"));
    let wanted = ["/r/a.conf", "/r/conf/c.local.conf", "/r/conf/only-top.conf"];
    assert_eq!(seen, wanted);
    // What was named is read, and the folders around it are asked all the same.
    assert_eq!(names(&found(&tree, "/r/build")), ["/r/build/b.conf"]);
    assert_eq!(names(&found(&tree, "/r/conf")), wanted[1..]);
}

#[test]
fn without_git_nothing_is_left_out() {
    let tree = tree(&[("/r/.gitignore", "*\n"), ("/r/a.conf", SITE)]);
    assert_eq!(names(&found(&tree, "/r")), ["/r/a.conf"]);
}

#[test]
fn a_second_work_tree() {
    let tree = tree(&[
        ("/main/.git/worktrees/r/commondir", "../..\n"),
        ("/main/.git/info/exclude", "mine.conf\n"),
        ("/r/.git", "gitdir: /main/.git/worktrees/r\n"),
        ("/r/.gitignore", "yours.conf\n"),
        ("/r/a.conf", SITE),
        ("/r/mine.conf", SITE),
        ("/r/yours.conf", SITE),
        // A repository in it begins anew.
        ("/r/sub/.git/HEAD", ""),
        ("/r/sub/yours.conf", SITE),
    ]);
    assert_eq!(
        names(&found(&tree, "/r")),
        ["/r/a.conf", "/r/sub/yours.conf"]
    );
}

#[test]
fn nothing_found_says_what_was_left_out() {
    let tree = tree(&[
        ("/r/.git/HEAD", ""),
        ("/r/.gitignore", "*.conf\n/build\n"),
        ("/r/a.conf", SITE),
        ("/r/build/b.conf", SITE),
        ("/r/readme.md", "Hello.\n"),
    ]);
    let found = found(&tree, "/r");
    let help = found.problems[0].help.as_deref();
    let wanted = "2 files and folders are left out because .gitignore names them";
    assert_eq!(help, Some(wanted));
}
