//! Tables for spreadsheets: cells that are no formulas, and a download that is streamed however long it is.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use futures::Stream;

/// Answers with a table to be saved under a name of letters, digits, dots, hyphens and underscores.
pub fn download(name: &str, parts: impl Stream<Item = store::Result<String>> + Send + 'static) -> Response {
    let mut response = Response::new(Body::from_stream(parts));
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(header::CONTENT_DISPOSITION, name.expect("the name is plain"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Writes a row.
pub fn line<const N: usize>(cells: [String; N]) -> String {
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

/// Writes a cell (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front; a phone number is none.
fn cell(text: &str) -> String {
    let is_number = text
        .strip_prefix('+')
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !text.contains(['"', ',', '\r', '\n', '\'']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        let table = [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+12025550143", "+12025550143"),
            ("+1-1", "\"'+1-1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
