//! The web app: built files, and its page for every other address that a browser may ask for.
//!
//! Files with a hash in their name may be kept for ever; all others are asked for again and answered with 304 while
//! they are the same.

use std::fmt::Write;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// What `npm run build` makes. Without it the server still answers, and says so.
#[derive(RustEmbed)]
#[folder = "../../web/build"]
#[allow_missing = true]
struct Build;

/// Beginnings of addresses that programs ask for: what is not there is said, not shown.
const NOT_PAGES: [&str; 7] = ["/api", "/hooks", "/answers", "/_app", "/metrics", "/v1", "/chat"];

const NO_BUILD: &str = "<!doctype html><meta charset=utf-8><title>Rapport</title>\
    <h1>Rapport</h1><p>The server runs, but this build of it carries no web app. \
    Run <code>npm run build</code> in <code>web/</code> and build the server again.</p>";

/// Answers what no route did: with a file, with the app's page, or with a refusal.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if method != Method::GET && method != Method::HEAD {
        return Problem::not_found(path).into_response();
    }
    let name = path.trim_start_matches('/');
    if !name.is_empty()
        && let Some(file) = Build::get(name)
    {
        return answer(name, file, &headers);
    }
    let is_file = name.rsplit('/').next().is_some_and(|last| last.contains('.'));
    if is_file || NOT_PAGES.iter().any(|start| path.starts_with(start)) {
        return Problem::not_found(path).into_response();
    }
    match Build::get("index.html") {
        Some(page) => answer("index.html", page, &headers),
        None => Html(NO_BUILD).into_response(),
    }
}

fn answer(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..12]));
    let mut response = Response::builder()
        .header(header::ETAG, &etag)
        .header(header::VARY, "accept-encoding")
        .header(header::CACHE_CONTROL, caching(name));
    if name.starts_with("widget") {
        // Pages of other sites load it, the second file as a module.
        response = response
            .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
            .header("cross-origin-resource-policy", "cross-origin");
    }
    if name.ends_with(".html") {
        response = response.header(header::CONTENT_SECURITY_POLICY, policy(&file.data));
    }
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known == etag.as_str())
    {
        return finish(response.status(StatusCode::NOT_MODIFIED), Body::empty());
    }
    response = response.header(header::CONTENT_TYPE, content_type(name));
    match packed(name, headers) {
        Some((encoding, file)) => finish(response.header(header::CONTENT_ENCODING, encoding), file.data.into()),
        None => finish(response, file.data.into()),
    }
}

fn finish(response: axum::http::response::Builder, body: Body) -> Response {
    response.body(body).expect("the headers are fixed and valid")
}

fn caching(name: &str) -> &'static str {
    if name.starts_with("_app/immutable/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// Finds the file packed in a way that the browser takes, if the build made one.
fn packed(name: &str, headers: &HeaderMap) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |encoding: &str| {
        accepted
            .split(',')
            .any(|one| one.split(';').next().map(str::trim) == Some(encoding))
    };
    [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(encoding, end)| {
        let file = takes(encoding).then(|| Build::get(&format!("{name}.{end}")))??;
        Some((encoding, file))
    })
}

/// Lets a page run its own scripts: those in files of ours, and those written in the page, each by its hash.
fn policy(page: &[u8]) -> String {
    let mut policy = "default-src 'self'; script-src 'self'".to_owned();
    for script in inline_scripts(&String::from_utf8_lossy(page)) {
        let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
        write!(policy, " 'sha256-{hash}'").expect("a string takes all");
    }
    policy
        + "; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; \
              object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
}

fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

/// Headers that every answer has unless it has its own.
pub const SECURITY_HEADERS: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Addresses hold tokens of invitations and of partners' answers.
    (header::REFERRER_POLICY, "same-origin"),
];

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_run_the_scripts_written_in_it_and_no_others() {
        let page = "<script src=\"/theme.js\"></script><p>hi</p><script>alert(1)</script>";
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["alert(1)"]);
        let policy = policy(page.as_bytes());
        // `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`
        let hash = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        assert!(policy.contains(&format!("script-src 'self' {hash};")), "{policy}");
    }

    #[test]
    fn only_hashed_files_are_kept_for_ever() {
        assert!(caching("_app/immutable/chunks/abc.js").contains("immutable"));
        assert_eq!(caching("_app/version.json"), "no-cache");
        assert_eq!(caching("index.html"), "no-cache");
    }
}
