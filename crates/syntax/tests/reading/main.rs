//! Reading and printing: trees of whole files, and what holds for any bytes.

mod fixtures;
mod holes;
mod limits;
mod properties;
mod regexes;
