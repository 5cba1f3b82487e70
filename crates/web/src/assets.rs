//! The style sheet, scripts, fonts and drawings that were built into the binary.
//!
//! File names carry a hash of their content, so browsers keep them for good; `manifest.json` says which file
//! stands for which plain name. Without the folder everything compiles and pages work unstyled.

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets"]
#[allow_missing = true]
struct Folder;

type Names = BTreeMap<String, String>;

static MANIFEST: LazyLock<Names> = LazyLock::new(|| {
    let names = read_manifest();
    if names.is_empty() {
        tracing::warn!("{NOT_BUILT}");
    }
    names
});

fn read_manifest() -> Names {
    let file = Folder::get("manifest.json");
    file.and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
}

/// Which file stands for which name. A development build reads the folder itself, where files get new names
/// while the server runs.
fn manifest() -> Cow<'static, Names> {
    if cfg!(debug_assertions) { Cow::Owned(read_manifest()) } else { Cow::Borrowed(&*MANIFEST) }
}

static ICONS: LazyLock<String> = LazyLock::new(|| {
    let file = Folder::get("icons.html");
    file.map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
});

const NOT_BUILT: &str = "The style sheet and scripts were not built into this binary. Run `make assets`, then build and start it again.";

/// Whether the folder was there.
pub(crate) fn built() -> bool {
    !manifest().is_empty()
}

/// The address of a file by its plain name.
pub(crate) fn address(name: &str) -> String {
    let names = manifest();
    let file = names.get(name).map_or(name, String::as_str);
    format!("/assets/{file}")
}

/// All drawings as one hidden `<svg>`.
pub(crate) fn icons() -> &'static str {
    &ICONS
}

/// One file. Known by its hash it never changes; by its plain name it is asked for anew each time.
pub(crate) async fn file(Path(name): Path<String>) -> Response {
    if !built() {
        return (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response();
    }
    let Some(file) = Folder::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let keep = if is_hashed(&name) { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media(&name))),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (headers, file.data).into_response()
}

fn is_hashed(name: &str) -> bool {
    manifest().iter().any(|(plain, file)| file == name && plain != file)
}

fn media(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_say_what_they_are() {
        for (name, expected) in [
            ("app-1A2B3C4D.css", "text/css; charset=utf-8"),
            ("pages-1A2B3C4D.js", "text/javascript; charset=utf-8"),
            ("sans.woff2", "font/woff2"),
            ("licences.txt", "text/plain; charset=utf-8"),
            ("noending", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(media(name), expected);
        }
    }

    #[test]
    fn an_unknown_name_keeps_its_address() {
        assert_eq!(address("no-such-file.css"), "/assets/no-such-file.css");
    }
}
