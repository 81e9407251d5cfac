//! Directive and setting tables: data, each row with the nginx or PHP source it follows.
