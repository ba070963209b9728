//! How refusals look, for the API's description: the members of every one (RFC 9457), and those that only some carry.

use std::collections::BTreeMap;

use domain::{CustomerId, Time, collection::CallRefusal, request::RequestStatus};
use utoipa::ToSchema;

use super::messages::Newer;

/// A refusal. Beside what every refusal says, some carry what they are about.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "it is only described; `http::problem` writes it member by member"
)]
pub struct Refusal {
    /// Always `about:blank`: the code tells what it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A stable word for programs.
    code: String,
    /// A sentence for people.
    detail: String,
    /// With `invalid`: what is wrong, by the field's name.
    #[schema(nullable = false)]
    fields: Option<BTreeMap<String, String>>,
    /// With `stale_reply`: what others wrote meanwhile, oldest first.
    #[schema(nullable = false)]
    newer: Option<Vec<Newer>>,
    /// With `invalid`, of a flow: what is wrong with its source, each with its place.
    #[schema(nullable = false)]
    problems: Option<Vec<flow::Problem>>,
    /// With `identity_taken`: whose file it is on.
    #[schema(nullable = false)]
    customer_id: Option<CustomerId>,
    /// With `merged`: the conversation, or the customer, it went into.
    #[schema(nullable = false)]
    merged_into_id: Option<i64>,
    /// With `refused`, of a call that a source tells: why.
    #[schema(nullable = false)]
    reason: Option<CallRefusal>,
    /// With `opted_out`: the address that gets no texts.
    #[schema(nullable = false)]
    address: Option<String>,
    /// With `opted_out`: since when.
    #[schema(nullable = false)]
    opted_out_at: Option<Time>,
    /// With `request_ended` and `answered`: how the request stands.
    #[schema(nullable = false)]
    request_status: Option<RequestStatus>,
}
