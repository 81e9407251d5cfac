//! What `tune` recommends, in the files: only the pool's own lines change.

use base::FilePath;
use fix::tune::{Setting, change_of, changed};
use model::{Files, Model};

use crate::world::{FPM, World};

const POOL: &str = "/etc/php/8.2/fpm/pool.d/www.conf";
const COMMON: &str = "/etc/php/8.2/fpm/common.conf";

/// The pool of this name with these settings: the changed files, and what is left.
fn tuned(world: &World, pool: &str, settings: &[Setting]) -> (World, Vec<String>) {
    let model: Model = world.model();
    let (id, _) = model
        .pools()
        .find(|(_, p)| p.name == pool.as_bytes())
        .expect("it is there");
    let (change, kept) = change_of(&model, id, settings);
    let files = world.files();
    let resolve =
        |_: Option<&str>, path: &FilePath| files.resolve(path).unwrap_or_else(|| path.clone());
    let changes: Vec<_> = change.into_iter().collect();
    let (files, _) = changed(&model, &resolve, &changes).expect("they fit");
    let mut after = world.clone();
    for file in files {
        after = after.with(&file.path.to_string(), &file.new);
    }
    let kept = kept
        .iter()
        .map(|kept| format!("{}: {}", kept.name, kept.why));
    (after, kept.collect())
}

fn set(name: &'static str, value: &str) -> Setting {
    (name, value.to_owned())
}

fn world(main: &str, pool: &str) -> World {
    World::sound().with(FPM, main).with(POOL, pool)
}

const MAIN: &str = "[global]\ninclude = /etc/php/8.2/fpm/pool.d/*.conf\n";

#[test]
fn own_lines_change_and_new_ones_follow_the_manager() {
    let pool = "; pm.max_children = 9\n[www]\nlisten = /run/a.sock\npm=ondemand\n\
                PM.Max_Children=\"50\" ; why\npm.max_children=60\nslowlog = /x\n";
    let settings = [
        set("pm", "dynamic"),
        set("pm.max_children", "20"),
        set("pm.start_servers", "3"),
        set("pm.min_spare_servers", "2"),
        set("pm.max_spare_servers", "4"),
    ];
    let (after, kept) = tuned(&world(MAIN, pool), "www", &settings);
    let expected = pool
        .replace(
            "pm=ondemand\n",
            "pm=dynamic\npm.start_servers=3\npm.min_spare_servers=2\npm.max_spare_servers=4\n",
        )
        .replace("pm.max_children=60", "pm.max_children=20");
    assert_eq!(after.text(POOL), expected);
    assert_eq!(after.text(FPM), MAIN);
    assert!(kept.is_empty(), "{kept:?}");
}

/// A line that two pools include is nobody's own: changing it would change both.
#[test]
fn lines_of_several_pools_are_left() {
    let pools = format!(
        "[a]\nlisten = /run/a.sock\ninclude = {COMMON}\n[b]\nlisten = /run/b.sock\n\
         include = {COMMON}\npm.max_children = 7\n"
    );
    let common = "pm = static\npm.max_children = 50\n";
    let world = world(MAIN, &pools).with(COMMON, common);
    let (after, kept) = tuned(&world, "a", &[set("pm.max_children", "20")]);
    assert_eq!(after, world);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].contains("pool `b`"), "{kept:?}");
    // Its own line behind the include is the one in force, and is its own.
    let (after, kept) = tuned(&world, "b", &[set("pm.max_children", "20")]);
    assert_eq!(after.text(POOL), pools.replace("= 7", "= 20"));
    assert_eq!((after.text(COMMON).as_str(), kept.len()), (common, 0));
    // A new line goes to the pool's own file, though `pm` is in the other.
    let (after, kept) = tuned(&world, "a", &[set("pm.max_requests", "900")]);
    let expected = pools.replace("/run/a.sock\n", "/run/a.sock\npm.max_requests = 900\n");
    assert_eq!((after.text(POOL), kept.len()), (expected, 0));
}

#[test]
fn what_the_environment_says_is_left() {
    let pool = "[www]\nlisten = /run/a.sock\npm = static\npm.max_children = ${CHILDREN}\n";
    let world = world(MAIN, pool);
    let settings = [set("pm.max_children", "20"), set("listen.backlog", "511")];
    let (after, kept) = tuned(&world, "www", &settings);
    assert_eq!(
        after.text(POOL),
        pool.replace("static\n", "static\nlisten.backlog = 511\n")
    );
    assert!(kept.len() == 1 && kept[0].contains("CHILDREN"), "{kept:?}");
}
