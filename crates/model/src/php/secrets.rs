//! Secret values in FPM and php.ini files: passwords that must not reach any output.

use base::FileId;
use base::mask::{is_secret_name, merged, scan};
use syntax::ini::{EntryKind, Tree};

use crate::load::Loader;

/// Marks the values of secret-looking keys, and whatever else looks like a secret anywhere: in
/// comments, inside of values, in lines that PHP does not understand.
pub(super) fn mark(loader: &mut Loader<'_>, file: FileId, tree: &Tree) {
    let bytes = loader.sources.get(file).bytes.clone();
    let text = |range: (u32, u32)| &bytes[range.0 as usize..range.1 as usize];
    let mut out = scan(&bytes);
    for entry in tree
        .entries()
        .iter()
        .filter(|entry| entry.kind == EntryKind::Pair)
    {
        let offset = entry.offset.as_ref().map(|offset| offset.span);
        if is_secret_name(text(entry.key)) || offset.is_some_and(|span| is_secret_name(text(span)))
        {
            out.push(entry.value.span);
        }
    }
    loader.sources.get_mut(file).secrets = merged(out);
}

/// The same for the output of `php-fpm -tt`, which is no ini file.
pub(super) fn mark_dump(loader: &mut Loader<'_>, file: FileId) {
    let secrets = scan(&loader.sources.get(file).bytes);
    loader.sources.get_mut(file).secrets = secrets;
}
