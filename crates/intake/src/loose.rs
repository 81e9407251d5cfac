//! Files that were named one by one, put together: which php.ini is that of which PHP-FPM.

use base::FilePath;
use base::source::some_of;
use model::php::FpmInput;

use crate::gather::{Found, unreadable};
use crate::tree::{Tree, name_of};

/// What belongs to some PHP-FPM.
#[derive(Default)]
pub(crate) struct Loose {
    pub(crate) pools: Vec<FilePath>,
    pub(crate) php_inis: Vec<FilePath>,
    pub(crate) mains: Vec<FilePath>,
}

impl Loose {
    /// How many files there are.
    pub(crate) fn count(&self) -> usize {
        self.mains.len() + self.pools.len() + self.php_inis.len()
    }

    /// Puts mains, pools and php.ini files together.
    pub(crate) fn finish(self, tree: &dyn Tree, found: &mut Found) {
        let (inis, scanned): (Vec<_>, Vec<_>) = self
            .php_inis
            .into_iter()
            .partition(|path| path.name().starts_with(b"php"));
        let shared_ini = inis.first().or(scanned.first()).cloned();
        for main in self.mains {
            let mut input = FpmInput::main(main);
            beside(tree, &mut input);
            found.fpm.push(input);
        }
        if !self.pools.is_empty() {
            let mut input = FpmInput::fragments(self.pools);
            beside(tree, &mut input);
            found.fpm.push(input);
        }
        // A machine has the files that it has; no other becomes one of them.
        let machines = &found.machines;
        let is_of_machine = |via: &str| machines.iter().any(|machine| machine.via == via);
        if found.fpm.is_empty() && found.fpm_dumps.iter().all(|(.., via)| is_of_machine(via)) {
            let unused = inis.iter().chain(&scanned).map(|path| name_of(tree, path));
            let unused: Vec<String> = unused.collect();
            let message = match unused.as_slice() {
                [] => None,
                [path] => Some(format!(
                    "{path}: no PHP-FPM that uses it was given; it was not judged"
                )),
                all => Some(format!(
                    "{}: no PHP-FPM that uses them was given; they were not judged",
                    some_of(all)
                )),
            };
            found.problems.extend(message.map(|message| {
                unreadable(
                    message,
                    Some("give the pool's file too, or a directory with both"),
                )
            }));
        }
        for (input, files, via) in &mut found.fpm_dumps {
            if is_of_machine(via) {
                continue;
            }
            let copied = inis.iter().chain(&scanned).filter_map(|path| {
                files.insert(path.as_bytes(), tree.read(path).ok()?);
                Some(path.clone())
            });
            input.scan_files.extend(copied);
        }
        for input in &mut found.fpm {
            if let Some(ini) = &shared_ini {
                input.php_ini = Some(ini.clone());
            }
            let more = scanned
                .iter()
                .filter(|path| Some(*path) != shared_ini.as_ref());
            input.scan_files.extend(more.cloned());
        }
    }
}

/// php.ini and its scan directory beside a main file, or above a `pool.d`, as packages lay them.
fn beside(tree: &dyn Tree, input: &mut FpmInput) {
    let Some(first) = input.files.first() else {
        return;
    };
    let dir = FilePath::new(first.parent());
    let dirs = [dir.as_bytes().to_vec(), dir.parent().to_vec()];
    for dir in dirs {
        let at = |name: &str| FilePath::new([dir.as_slice(), b"/", name.as_bytes()].concat());
        let ini = at("php.ini");
        if tree.may_exist(&ini) {
            input.php_ini = Some(ini);
            let scan = at("conf.d");
            if tree.may_exist(&scan) {
                input.scan_dirs.push(scan);
            }
            return;
        }
    }
}
