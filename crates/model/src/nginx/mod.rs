//! The nginx side: includes, contexts, inheritance, upstreams and routes.
