//! From the names of an archive to its images: `manifest.json` of `docker save`, `index.json` of
//! OCI layouts.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Mutex;

use base::json::{Fields, FromJson, Unfit, Value, read};
use base::source::printable;

use crate::Refused;
use crate::archive::{Entries, Unpack};
use crate::budget::{Budget, sha256};
use crate::config::Config;
use crate::files::ImageFiles;
use crate::layer::{Kept, Layer};
use crate::tree::Tree;

/// Indexes within indexes.
const DEEPEST: usize = 4;
/// Images of one archive.
const MOST_IMAGES: usize = 100;
/// Docker itself allows 127.
const MOST_LAYERS: usize = 1000;

/// An image of an archive.
#[derive(Debug)]
pub struct Image {
    /// Its name, such as `php:8.2-fpm`, when it has one.
    pub name: Option<String>,
    /// What it says of itself.
    pub config: Config,
    /// Its files.
    pub files: ImageFiles,
}

/// The system that images are wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// `linux`.
    pub system: String,
    /// `amd64`, `arm64`: Go's words.
    pub processor: String,
    /// `v7` of `linux/arm/v7`.
    pub variant: Option<String>,
    /// Whether it was asked for; otherwise an only image is taken whatever it is for.
    pub is_asked: bool,
}

impl Platform {
    /// Reads `linux/arm64` or `arm64`.
    pub fn parse(text: &str) -> Option<Platform> {
        let mut parts: Vec<&str> = text.split('/').collect();
        if parts.len() == 1 {
            parts.insert(0, "linux");
        }
        let is_word = |part: &&str| !part.is_empty();
        let (true, [system, processor, rest @ ..]) = (parts.iter().all(is_word), parts.as_slice())
        else {
            return None;
        };
        (rest.len() < 2).then(|| Platform {
            system: (*system).to_owned(),
            processor: (*processor).to_owned(),
            variant: rest.first().map(|variant| (*variant).to_owned()),
            is_asked: true,
        })
    }

    fn shown(&self) -> String {
        let variant = self.variant.as_ref();
        let variant = variant.map_or(String::new(), |variant| format!("/{variant}"));
        format!("{}/{}{variant}", self.system, self.processor)
    }
}

/// What an image consists of, before it is read.
struct Plan {
    name: Option<String>,
    config: Vec<u8>,
    layers: Vec<Named>,
}

/// A layer by the name of its part.
struct Named {
    part: String,
    digest: Option<String>,
    /// Words for people who miss it.
    elsewhere: Option<String>,
    is_encrypted: bool,
}

/// The images of an archive. One that cannot be read is said, and the others are read.
pub fn images(
    entries: &Entries,
    unpack: Unpack,
    wanted: &Platform,
) -> (Vec<Image>, Vec<(Option<String>, Refused)>) {
    let (plans, mut refused) = match plans(entries, wanted) {
        Ok(plans) => plans,
        Err(why) => return (Vec::new(), vec![(None, why)]),
    };
    let budget = Budget::of(entries.size);
    let mut images = Vec::new();
    for plan in plans {
        let name = plan.name.clone();
        match image(entries, plan, unpack, &budget, wanted) {
            Ok(image) => images.push(image),
            Err(why) => refused.push((name, why)),
        }
    }
    (images, refused)
}

type Plans = (Vec<Plan>, Vec<(Option<String>, Refused)>);

fn plans(entries: &Entries, wanted: &Platform) -> Result<Plans, Refused> {
    // It has the names; what writes both formats writes the same images.
    if let Some(bytes) = entries.text("manifest.json")? {
        return saved(entries, &bytes).map(|plans| (plans, Vec::new()));
    }
    let Some(bytes) = entries.text("index.json")? else {
        return Err(Refused::with_help(
            "it is no image: it has neither a manifest.json nor an index.json",
            "`docker save NAME -o FILE` writes one; a file system alone is read with --root",
        ));
    };
    let mut plans = (Vec::new(), Vec::new());
    index(entries, &bytes, wanted, None, 0, &mut plans)?;
    match plans.0.is_empty() && plans.1.is_empty() {
        true => Err(Refused::new("it has no image")),
        false => Ok(plans),
    }
}

fn value<'j>(bytes: &'j [u8], what: &str) -> Result<Value<'j>, Refused> {
    read(bytes).map_err(|broken| Refused::new(format!("{what} is no JSON: {broken}")))
}

fn unfit(what: &str) -> impl Fn(Unfit) -> Refused + '_ {
    move |Unfit(why)| Refused::new(format!("{what}: {why}"))
}

/// `manifest.json` of `docker save`.
fn saved(entries: &Entries, bytes: &[u8]) -> Result<Vec<Plan>, Refused> {
    let what = "manifest.json";
    let all = Vec::<Fields<'_>>::from_json(value(bytes, what)?).map_err(unfit(what))?;
    if all.is_empty() || all.len() > MOST_IMAGES {
        let message = format!("{what} names {} images", all.len());
        return Err(Refused::new(message));
    }
    let mut plans = Vec::new();
    for mut image in all {
        let config: String = image.take("Config").map_err(unfit(what))?;
        let names: Option<Vec<String>> = image.take("RepoTags").map_err(unfit(what))?;
        let layers: Option<Vec<String>> = image.take("Layers").map_err(unfit(what))?;
        let layers = layers.unwrap_or_default().into_iter();
        let named = |part: String| Named {
            part,
            digest: None,
            elsewhere: None,
            is_encrypted: false,
        };
        let Some(bytes) = entries.text(&config)? else {
            let config = printable(config.as_bytes());
            return Err(Refused::new(format!("{config} is not in it")));
        };
        plans.push(Plan {
            name: names.and_then(|names| names.into_iter().next()),
            config: bytes,
            layers: layers.map(named).collect(),
        });
    }
    Ok(plans)
}

/// A blob's place and what is said of it.
struct Descriptor {
    kind: String,
    digest: String,
    platform: Option<(String, String, Option<String>)>,
    name: Option<String>,
    is_attestation: bool,
    has_urls: bool,
}

impl<'j> FromJson<'j> for Descriptor {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let mut fields = Fields::from_json(value)?;
        let platform = match fields.take::<Option<Fields<'_>>>("platform")? {
            None => None,
            Some(mut platform) => Some((
                platform.take::<Option<String>>("os")?.unwrap_or_default(),
                platform
                    .take::<Option<String>>("architecture")?
                    .unwrap_or_default(),
                platform.take::<Option<String>>("variant")?,
            )),
        };
        let annotations = fields.take::<Option<Fields<'_>>>("annotations")?;
        let mut annotations = annotations.unwrap_or_default();
        let mut note = |name: &str| annotations.take::<Option<String>>(name);
        let (full, short) = (
            note("io.containerd.image.name")?,
            note("org.opencontainers.image.ref.name")?,
        );
        let of_buildkit = note("vnd.docker.reference.type")?;
        Ok(Descriptor {
            kind: fields
                .take::<Option<String>>("mediaType")?
                .unwrap_or_default(),
            digest: fields.take("digest")?,
            is_attestation: of_buildkit.is_some(),
            platform,
            name: full.or(short),
            has_urls: fields
                .take::<Option<Vec<String>>>("urls")?
                .is_some_and(|urls| !urls.is_empty()),
        })
    }
}

impl Descriptor {
    /// The name of the part that holds it.
    fn part(&self) -> Result<String, Refused> {
        let is_word = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"+._-".contains(&b))
        };
        match self.digest.split_once(':') {
            Some((how, hex)) if is_word(how) && is_word(hex) => Ok(format!("blobs/{how}/{hex}")),
            _ => Err(Refused::new(format!(
                "`{}` is no digest",
                printable(self.digest.as_bytes())
            ))),
        }
    }

    /// JSON that it stands for, held against its digest.
    fn text(&self, entries: &Entries) -> Result<Vec<u8>, Refused> {
        let digest = printable(self.digest.as_bytes());
        let Some(bytes) = entries.text(&self.part()?)? else {
            return Err(Refused::new(format!("{digest} is not in it")));
        };
        match self.digest.strip_prefix("sha256:") {
            Some(hex) if hex != sha256(&bytes) => Err(Refused::new(format!(
                "what lies at {digest} is something else: the archive is damaged"
            ))),
            _ => Ok(bytes),
        }
    }

    fn fits(&self, wanted: &Platform) -> bool {
        let Some((system, processor, variant)) = &self.platform else {
            return false;
        };
        let is_variant = wanted.variant.is_none() || wanted.variant == *variant;
        *system == wanted.system && *processor == wanted.processor && is_variant
    }

    fn shown_platform(&self) -> Option<String> {
        let (system, processor, variant) = self.platform.as_ref()?;
        let variant = variant.iter().map(|variant| format!("/{variant}"));
        let text = format!("{system}/{processor}{}", variant.collect::<String>());
        Some(printable(text.as_bytes()))
    }
}

fn index(
    entries: &Entries,
    bytes: &[u8],
    wanted: &Platform,
    name: Option<&String>,
    depth: usize,
    plans: &mut Plans,
) -> Result<(), Refused> {
    if depth > DEEPEST {
        return Err(Refused::new("its indexes lie too deep in each other"));
    }
    let what = "an index";
    let mut all = Fields::from_json(value(bytes, what)?).map_err(unfit(what))?;
    let mut all: Vec<Descriptor> = all.take("manifests").map_err(unfit(what))?;
    all.retain(|one| !one.is_attestation);
    // Of images that are the same but for the system that they are for, one is taken.
    let names: BTreeSet<Option<String>> = all.iter().map(|one| one.name.clone()).collect();
    for group in names {
        let those: Vec<&Descriptor> = all.iter().filter(|one| one.name == group).collect();
        let name = group.as_ref().or(name);
        let is_choice = those.len() > 1 && those.iter().all(|one| one.platform.is_some());
        let chosen: Vec<&Descriptor> = match is_choice {
            false => those,
            true => match those.iter().find(|one| one.fits(wanted)) {
                Some(one) => vec![*one],
                None => {
                    plans.1.push((name.cloned(), not_among(&those, wanted)));
                    continue;
                }
            },
        };
        for one in chosen {
            if plans.0.len() >= MOST_IMAGES {
                let message = format!("it has more than {MOST_IMAGES} images");
                return Err(Refused::new(message));
            }
            let name = name.cloned();
            if let Err(why) = manifest(entries, one, wanted, name.as_ref(), depth, plans) {
                plans.1.push((name, why));
            }
        }
    }
    Ok(())
}

fn not_among(those: &[&Descriptor], wanted: &Platform) -> Refused {
    let there = those.iter().filter_map(|one| one.shown_platform());
    let there: Vec<String> = there.collect();
    Refused::with_help(
        format!(
            "it has no image for {}; those that it has are for {}",
            printable(wanted.shown().as_bytes()),
            there.join(", ")
        ),
        "choose one with --platform",
    )
}

fn manifest(
    entries: &Entries,
    descriptor: &Descriptor,
    wanted: &Platform,
    name: Option<&String>,
    depth: usize,
    plans: &mut Plans,
) -> Result<(), Refused> {
    let bytes = descriptor.text(entries)?;
    let what = "a manifest";
    let mut fields = Fields::from_json(value(&bytes, what)?).map_err(unfit(what))?;
    let below: Option<Vec<Value<'_>>> = fields.take("manifests").map_err(unfit(what))?;
    if below.is_some() {
        return index(entries, &bytes, wanted, name, depth + 1, plans);
    }
    let layers: Option<Vec<Descriptor>> = fields.take("layers").map_err(unfit(what))?;
    let config: Option<Descriptor> = fields.take("config").map_err(unfit(what))?;
    let (Some(layers), Some(config)) = (layers, config) else {
        return Err(Refused::new(
            "its manifest is neither Docker's second version nor OCI's",
        ));
    };
    let is_config = config.kind.is_empty()
        || ["image.config.v1+json", "container.image.v1+json"]
            .iter()
            .any(|ending| config.kind.ends_with(ending));
    if !is_config {
        return Err(Refused::new(format!(
            "it is no image but `{}`",
            printable(config.kind.as_bytes())
        )));
    }
    let named = |layer: &Descriptor| {
        let is_foreign = layer.has_urls
            || layer.kind.contains("nondistributable")
            || layer.kind.contains("foreign");
        Ok(Named {
            part: layer.part()?,
            digest: Some(layer.digest.clone()),
            elsewhere: is_foreign.then(|| "it is fetched from elsewhere".to_owned()),
            is_encrypted: layer.kind.contains("+encrypted"),
        })
    };
    plans.0.push(Plan {
        name: name.cloned(),
        config: config.text(entries)?,
        layers: layers.iter().map(named).collect::<Result<_, Refused>>()?,
    });
    Ok(())
}

fn image(
    entries: &Entries,
    plan: Plan,
    unpack: Unpack,
    budget: &Budget,
    wanted: &Platform,
) -> Result<Image, Refused> {
    let config = Config::read(&plan.config)?;
    fits(&config, wanted)?;
    let count = plan.layers.len();
    if count > MOST_LAYERS {
        return Err(Refused::new(format!("it has {count} layers")));
    }
    let is_told = config.layers.len() == count;
    let mut layers = Vec::new();
    for (number, named) in plan.layers.into_iter().enumerate() {
        let unpacked = config.layers.get(number).filter(|_| is_told).cloned();
        let layer = layer(entries, &named, unpack, unpacked);
        layers.push(layer.map_err(|why| at(number, count, &config, why))?);
    }
    let (mut tree, mut kept) = (Tree::new(), Kept::new());
    for (number, layer) in layers.iter().enumerate() {
        let laid = layer.lay(number, unpack, budget, &mut tree, &mut kept);
        laid.map_err(|why| at(number, count, &config, why))?;
    }
    let made_by = (0..count).map(|number| config.made_by(number).map(str::to_owned));
    let files = ImageFiles {
        tree,
        layers,
        kept: Mutex::new(kept),
        unpack,
        budget: budget.clone(),
        shown: Vec::new(),
        made_by: made_by.collect(),
    };
    Ok(Image {
        name: plan.name,
        config,
        files,
    })
}

/// What was asked for by name must be what is read.
fn fits(config: &Config, wanted: &Platform) -> Result<(), Refused> {
    let (Some(system), Some(processor)) = &config.system else {
        return Ok(());
    };
    if wanted.is_asked && (system, processor) != (&wanted.system, &wanted.processor) {
        let is = printable(format!("{system}/{processor}").as_bytes());
        let shown = printable(wanted.shown().as_bytes());
        return Err(Refused::new(format!("it is for {is}, not for {shown}")));
    }
    Ok(())
}

fn layer(
    entries: &Entries,
    named: &Named,
    unpack: Unpack,
    unpacked: Option<String>,
) -> Result<Layer, Refused> {
    if named.is_encrypted {
        return Err(Refused::new("it is encrypted"));
    }
    let Some(part) = entries.part(&named.part).cloned() else {
        let name = printable(named.part.as_bytes());
        let elsewhere = named.elsewhere.iter().map(|why| format!("; {why}"));
        let elsewhere: String = elsewhere.collect();
        return Err(Refused::new(format!(
            "{name} is not in the archive{elsewhere}"
        )));
    };
    let mut head = Vec::new();
    part.open()?.take(512).read_to_end(&mut head)?;
    let mut first = Vec::new();
    let unpacks = unpack(Box::new(head.as_slice()));
    // Of what is packed the first bytes are others when they are unpacked.
    let is_plain = part.bytes.is_seekable()
        && unpacks.is_ok_and(|unpacks| {
            let read = unpacks.take(512).read_to_end(&mut first);
            read.is_ok() && first == head
        });
    Ok(Layer {
        part,
        digest: named.digest.clone(),
        unpacked,
        is_plain,
    })
}

/// What is wrong with a layer, with its number and what made it.
fn at(number: usize, count: usize, config: &Config, why: Refused) -> Refused {
    let made_by = config.made_by(number).map(|made_by| {
        let short: String = made_by.chars().take(100).collect();
        format!(" ({})", printable(short.as_bytes()))
    });
    let made_by = made_by.unwrap_or_default();
    Refused {
        message: format!("layer {} of {count}{made_by}: {}", number + 1, why.message),
        help: why.help,
    }
}
