//! Why something is hidden: the name, the layer and the words of each finder.

/// The order in which finders are asked. What an earlier one says stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The place says so: the name of a directive, a key, a header.
    Structure,
    /// The shape says so: a provider's token, an address with a password, a private key.
    Pattern,
    /// A suspicious name, and a value that looks random.
    Entropy,
    /// A value that was found elsewhere.
    Sweep,
    /// A rule of the user's own.
    User,
    /// Not a secret, but it says who or where.
    Identity,
}

impl Layer {
    /// The word for outputs.
    pub fn word(self) -> &'static str {
        match self {
            Layer::Structure => "structure",
            Layer::Pattern => "pattern",
            Layer::Entropy => "entropy",
            Layer::Sweep => "sweep",
            Layer::User => "user",
            Layer::Identity => "identity",
        }
    }
}

/// A finder, for outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Why {
    /// Its name, kebab-case.
    pub id: &'static str,
    /// When it is asked.
    pub layer: Layer,
    /// What it goes by, for people.
    pub reason: &'static str,
}

macro_rules! whys {
    ($($name:ident $layer:ident $id:literal $reason:literal)*) => {
        $(#[doc = $reason] pub(crate) static $name: Why = Why {
            id: $id,
            layer: Layer::$layer,
            reason: $reason,
        };)*
        /// All of them, in the order of their layers.
        pub static FINDERS: &[&Why] = &[$(&$name),*];
    };
}

whys! {
    NAMED Structure "named-value" "the name before it says that it is a secret"
    HEADER Structure "header-value" "the value of a header that carries credentials"
    COOKIE Structure "cookie-value" "the value of a session cookie"
    VARIABLE Structure "variable-value" "the value of a variable whose name says that it is a secret"
    MAP_ENTRY Structure "map-entry" "what a credential is compared with, or turned into"
    COMPARED Structure "compared-value" "what a credential is compared with"
    LINK_SALT Structure "link-salt" "the secret part of a secure link"
    QUERY Structure "query-parameter" "the value of a parameter that carries credentials"
    OPTION Structure "command-option" "an option of a command that takes a password"
    ARGUMENT Structure "call-argument" "an argument of a call that takes a password"
    TRACE Structure "trace-argument" "an argument in a stack trace"
    NOTE Structure "note" "a sentence that gives a password away"
    NESTED Structure "nested-value" "an entry of a list or block whose name says that it holds secrets"
    PAIRED Structure "paired-value" "the value that belongs to a name of a secret beside it"
    KUBERNETES Structure "kubernetes-secret" "an entry of a Kubernetes Secret"
    HTPASSWD Structure "htpasswd-entry" "the password of a user"
    LOGIN_FILE Structure "login-file" "the password column of a login file"
    URL_PASSWORD Pattern "url-password" "a password or token in an address"
    PRIVATE_KEY Pattern "private-key" "a private key"
    JWT Pattern "jwt" "a signed token (JWT)"
    PASSWORD_HASH Pattern "password-hash" "the hash of a password"
    PROVIDER Pattern "provider-token" "a token in the form of a provider"
    WEBHOOK Pattern "webhook-url" "the secret part of a webhook's address"
    PATH_TOKEN Pattern "path-token" "a one-time token in a path"
    STREAM_KEY Pattern "stream-key" "the key of a live stream in its address"
    RANDOM Entropy "random-value" "a suspicious name, and a value that looks random"
    RANDOM_TEXT Entropy "random-text" "a quoted value that looks generated"
    SEEN Sweep "seen-elsewhere" "the same value is a secret elsewhere"
    ENCODED Sweep "seen-encoded" "base64 of text that holds a secret"
    PLACEHOLDER Sweep "like-a-placeholder" "it looks like a placeholder and would be mistaken for one"
    HOST Identity "host" "the name of a host"
    ADDRESS Identity "address" "an address of a host"
    MAIL Identity "e-mail" "an e-mail address"
    ARN Identity "arn" "the name of a resource with its account"
    USER Identity "user" "the name of a user"
    HOME Identity "home-directory" "a home directory with the name of a user"
}
