//! The part of SARIF's object model that we write, field by field in its spelling.

use serde::Serialize;

/// The document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    pub version: &'static str,
    pub runs: Vec<Run<'a>>,
}

/// `run`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'a> {
    pub tool: Tool<'a>,
    pub invocations: Vec<Invocation>,
    pub results: Vec<ResultShape>,
    pub column_kind: &'static str,
}

/// `tool`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tool<'a> {
    pub driver: Driver<'a>,
}

/// `toolComponent`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'a> {
    pub name: &'static str,
    pub version: &'static str,
    pub rules: Vec<Rule<'a>>,
    pub notifications: Vec<Reference>,
}

/// `reportingDescriptor` of a rule
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    pub id: &'static str,
    pub name: String,
    pub short_description: Message,
    pub help: Help,
    pub default_configuration: Configuration,
    pub properties: RuleProperties<'a>,
}

/// `multiformatMessageString`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Help {
    pub text: String,
    pub markdown: String,
}

/// `reportingConfiguration`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Configuration {
    pub level: &'static str,
}

/// Our own properties of a rule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleProperties<'a> {
    pub tags: Vec<&'a str>,
    pub fix: &'static str,
}

/// `reportingDescriptor` or a reference to one, by its id
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reference {
    pub id: &'static str,
}

/// `message`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub text: String,
}

impl Message {
    pub(super) fn new(text: String) -> Self {
        Self { text }
    }
}

/// `invocation`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_execution_notifications: Vec<Notification>,
}

/// `notification`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notification {
    pub descriptor: Reference,
    pub level: &'static str,
    pub message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Location>,
}

/// `result`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultShape {
    pub rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_index: Option<usize>,
    pub level: &'static str,
    pub message: Message,
    pub locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_locations: Vec<Location>,
    pub partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<FixShape>,
    pub properties: Routes,
}

/// `partialFingerprints`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fingerprints {
    #[serde(rename = "badgatewayLine/v1")]
    pub primary: String,
}

/// Our own properties of a result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Routes {
    pub routes: Vec<String>,
}

/// `location`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<usize>,
    pub physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

/// `physicalLocation`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation {
    pub artifact_location: Artifact,
    pub region: Region,
    pub context_region: Region,
}

/// `artifactLocation`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Artifact {
    pub uri: String,
}

/// `region`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Content>,
}

/// `artifactContent`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    pub text: String,
}

/// `fix`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FixShape {
    pub description: Message,
    pub artifact_changes: Vec<ArtifactChange>,
}

/// `artifactChange`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactChange {
    pub artifact_location: Artifact,
    pub replacements: Vec<Replacement>,
}

/// `replacement`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Replacement {
    pub deleted_region: Region,
    pub inserted_content: Content,
}
