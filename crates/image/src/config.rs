//! What an image says of itself.

use base::SortedMap;
use base::json::{Fields, FromJson, Unfit, Value, read};

use crate::Refused;

/// The configuration of an image, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `ENV`.
    pub env: SortedMap<String, String>,
    /// `ENTRYPOINT` and `CMD`, as one command.
    pub command: Vec<String>,
    /// `WORKDIR`; `/` when there is none.
    pub folder: String,
    /// `USER`; empty for root.
    pub user: String,
    /// The system and the processor that it is for.
    pub(crate) system: (Option<String>, Option<String>),
    /// The digest of each layer, unpacked.
    pub(crate) layers: Vec<String>,
    /// The command that made each layer.
    pub(crate) history: Vec<String>,
}

struct Step {
    made_by: String,
    is_empty: bool,
}

impl<'j> FromJson<'j> for Step {
    fn from_json(value: Value<'j>) -> Result<Self, Unfit> {
        let mut fields = Fields::from_json(value)?;
        Ok(Step {
            made_by: fields
                .take::<Option<String>>("created_by")?
                .unwrap_or_default(),
            is_empty: fields.take::<Option<bool>>("empty_layer")?.unwrap_or(false),
        })
    }
}

impl Config {
    pub(crate) fn read(bytes: &[u8]) -> Result<Config, Refused> {
        let value = read(bytes)
            .map_err(|broken| Refused::new(format!("its configuration is no JSON: {broken}")))?;
        from(value).map_err(|Unfit(why)| Refused::new(format!("its configuration: {why}")))
    }

    /// The command that made a layer, counted from 0; `None` when there is no history of layers.
    pub(crate) fn made_by(&self, layer: usize) -> Option<&str> {
        let is_whole = self.history.len() == self.layers.len();
        let made_by = self.history.get(layer).filter(|_| is_whole)?;
        let made_by = made_by.trim();
        (!made_by.is_empty()).then_some(made_by)
    }
}

fn from(value: Value<'_>) -> Result<Config, Unfit> {
    let mut all = Fields::from_json(value)?;
    let mut config = all
        .take::<Option<Fields<'_>>>("config")?
        .unwrap_or_default();
    let words = |config: &mut Fields<'_>, name: &str| {
        let words = config.take::<Option<Vec<String>>>(name)?;
        Ok(words.unwrap_or_default())
    };
    let env = words(&mut config, "Env")?;
    let env = env
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut command = words(&mut config, "Entrypoint")?;
    command.extend(words(&mut config, "Cmd")?);
    let mut rootfs = all
        .take::<Option<Fields<'_>>>("rootfs")?
        .unwrap_or_default();
    let history = all.take::<Option<Vec<Step>>>("history")?;
    let history = history.unwrap_or_default().into_iter();
    let folder: Option<String> = config.take("WorkingDir")?;
    Ok(Config {
        env: env.collect(),
        command,
        folder: folder.filter(|dir| !dir.is_empty()).unwrap_or("/".into()),
        user: config.take::<Option<String>>("User")?.unwrap_or_default(),
        system: (all.take("os")?, all.take("architecture")?),
        layers: words(&mut rootfs, "diff_ids")?,
        history: history
            .filter(|step| !step.is_empty)
            .map(|step| step.made_by)
            .collect(),
    })
}
