//! Files in memory, as people drop them: what they are, which belong together, where a copied
//! folder would lie.

mod dropped;
mod ignored;
mod opened;
