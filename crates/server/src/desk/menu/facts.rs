//! What a flow is told about the customer and the moment.

use std::collections::BTreeMap;

use domain::RequestId;
use flow::{Customer, Facts, Filed};
use store::{Tx, customers, requests};

use super::Scene;
use crate::jobs::submit::detail_text;

/// Gathers what texts and conditions may refer to.
pub(super) fn gather(tx: &mut Tx, scene: &Scene, first_message: bool) -> store::Result<Facts> {
    let id = scene.conversation.customer_id;
    let customer = customers::get(tx, id)?.ok_or(store::Error::NotFound)?;
    let identities = customers::identities(tx, id)?;
    let first = |kind: &str| {
        let found = identities.iter().find(|identity| identity.kind == kind);
        found.map(|identity| identity.value.clone()).unwrap_or_default()
    };
    let newest = requests::of_customer(tx, id, RequestId(i64::MAX), 1)?.pop();
    let zone = if customer.time_zone.is_empty() {
        &scene.settings.time_zone
    } else {
        &customer.time_zone
    };
    Ok(Facts {
        company: scene.settings.company.clone(),
        channel: scene.channel.name.clone(),
        open: scene.settings.is_open_at(scene.moment.now),
        now: scene.moment.now,
        time_zone: zone.clone(),
        first_message,
        request: newest.map(filed),
        passed_on: scene.settings.texts.passed_on.clone(),
        customer: Customer {
            phone: first("phone"),
            email: first("email"),
            traits: customers::traits(tx, id)?,
            tags: customers::tags(tx, id)?,
            name: customer.name,
            locale: customer.locale,
        },
    })
}

fn filed(request: requests::Request) -> Filed {
    let details = request.details.as_object().into_iter().flatten();
    let details: BTreeMap<String, String> = details
        .map(|(name, value)| (name.clone(), detail_text(value)))
        .collect();
    Filed {
        kind: request.kind,
        summary: request.summary,
        details,
        status: request.status.to_string(),
    }
}
