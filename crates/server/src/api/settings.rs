//! The company's settings. The mail server's password goes in and never comes out.

use axum::{Json, extract::State};
use domain::{Event, event::Change, people::Role, settings::Settings};
use serde_json::{Map, Value};
use store::{Tx, people::teams, settings};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{self, Body, UNKNOWN},
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// What stands where a password was.
const HIDDEN: &str = "********";

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// Gives the settings.
#[utoipa::path(get, path = "/api/settings", tag = "settings", responses((status = 200, body = Settings)))]
async fn show(State(app): State<Shared>, _: Caller) -> Answer<Json<Settings>> {
    let settings = app.store.read(settings::get).await?;
    Ok(Json(shown(settings)))
}

/// Changes settings: what is left out stays, null goes back to what it was at first (RFC 7396).
///
/// A mail URL that is sent back with its password hidden keeps the password.
#[utoipa::path(
    patch, path = "/api/settings", tag = "settings", request_body = Settings,
    responses((status = 200, body = Settings), (status = 403), (status = 422))
)]
async fn change(State(app): State<Shared>, caller: Caller, Body(patch): Body<Value>) -> Answer<Json<Settings>> {
    caller.must_be(Role::Manager)?;
    let Value::Object(patch) = patch else {
        return Err(Problem::invalid("settings", "must be an object"));
    };
    let moment = caller.moment(&app);
    let saved = app.store.write(move |tx| save(tx, moment, &patch)).await?;
    Ok(Json(shown(saved)))
}

fn save(tx: &mut Tx, moment: Moment, patch: &Map<String, Value>) -> Answer<Settings> {
    let before = settings::get(tx)?;
    let mut after = patched(&before, patch)?;
    if after.mail.smtp_url == hide_password(&before.mail.smtp_url) {
        after.mail.smtp_url.clone_from(&before.mail.smtp_url);
    }
    after.tidy();
    let mut problems = after.problems();
    if let Some(team) = after.default_team_id
        && teams::get(tx, team)?.is_none()
    {
        problems.push((
            "default_team_id".to_owned(),
            format!("names team {team}, which does not exist"),
        ));
    }
    if !problems.is_empty() {
        return Err(Problem::fields(problems));
    }
    let mut changes = changes(&shown(before.clone()), &shown(after.clone()));
    if changes.is_empty() && before != after {
        // All that differs is what is never shown.
        changes.push(Change {
            what: "mail.smtp_url".to_owned(),
            from: String::new(),
            to: String::new(),
        });
    }
    if !changes.is_empty() {
        settings::put(tx, &after)?;
        moment.record_for_company(tx, Event::SettingsChanged { changes })?;
    }
    Ok(after)
}

/// Merges a patch into the settings; a member that no setting has is refused.
fn patched(settings: &Settings, patch: &Map<String, Value>) -> Answer<Settings> {
    let patch = Value::Object(patch.clone());
    let mut value = to_value(settings);
    let known = to_value(&Settings::default());
    if let Some(stranger) = stranger(&known, &patch, "") {
        return Err(Problem::invalid(&stranger, UNKNOWN));
    }
    merge(&mut value, &patch);
    ask::json(value.to_string().as_bytes())
}

/// Applies an RFC 7396 merge patch.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let members = target.as_object_mut().expect("it was made one");
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// Finds a member of the patch that is not among the known ones. Days of the week are data, not settings.
fn stranger(known: &Value, patch: &Value, path: &str) -> Option<String> {
    let (Value::Object(known), Value::Object(patch)) = (known, patch) else {
        return None;
    };
    patch.iter().find_map(|(name, value)| {
        let path = format!("{path}{name}");
        match known.get(name) {
            None => Some(path),
            Some(_) if path == "business_hours" => None,
            Some(known) => stranger(known, value, &format!("{path}.")),
        }
    })
}

/// Lists what changed, by dotted names.
fn changes(before: &Settings, after: &Settings) -> Vec<Change> {
    let (mut from, mut to) = (Vec::new(), Vec::new());
    flatten("", &to_value(before), &mut from);
    flatten("", &to_value(after), &mut to);
    let pairs = from.into_iter().zip(to).filter(|((_, from), (_, to))| from != to);
    pairs.map(|((what, from), (_, to))| Change { what, from, to }).collect()
}

/// Writes a tree as dotted names with values; the hours of all days are one value, so both sides have the same names.
fn flatten(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) if path != "business_hours" => {
            for (name, value) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(&path, value, out);
            }
        }
        Value::String(text) => out.push((path.to_owned(), text.clone())),
        Value::Null => out.push((path.to_owned(), String::new())),
        other => out.push((path.to_owned(), other.to_string())),
    }
}

fn to_value(settings: &Settings) -> Value {
    serde_json::to_value(settings).expect("settings have only string keys")
}

/// Gives the settings as they may be shown.
fn shown(mut settings: Settings) -> Settings {
    settings.mail.smtp_url = hide_password(&settings.mail.smtp_url);
    settings
}

/// Puts stars in place of the password of `scheme://user:password@host`.
fn hide_password(url: &str) -> String {
    let hidden = || {
        let (scheme, rest) = url.split_once("://")?;
        let (login, host) = rest.rsplit_once('@')?;
        let (user, _) = login.split_once(':')?;
        Some(format!("{scheme}://{user}:{HIDDEN}@{host}"))
    };
    hidden().unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merge_patch_does_what_its_rfc_says() {
        // RFC 7396, appendix A.
        let table = [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"a":"foo"}), json!({"a":{"b":{"c":null}}}), json!({"a":{"b":{}}})),
        ];
        for (mut target, patch, result) in table {
            merge(&mut target, &patch);
            assert_eq!(target, result, "{patch}");
        }
    }

    #[test]
    fn passwords_are_hidden_wherever_they_are() {
        assert_eq!(
            hide_password("smtps://ada:s3cr@t@mail:465"),
            "smtps://ada:********@mail:465"
        );
        assert_eq!(hide_password("smtp://mail"), "smtp://mail");
    }

    #[test]
    fn a_change_is_named_by_its_dotted_name() {
        let before = Settings::default();
        let patch = json!({"survey": {"enabled": false}, "business_hours": {"mon": null}});
        let after = patched(&before, patch.as_object().unwrap()).unwrap();
        let changes = changes(&before, &after);
        let names: Vec<_> = changes.iter().map(|change| change.what.as_str()).collect();
        assert_eq!(names, ["business_hours", "survey.enabled"]);
        assert_eq!((changes[1].from.as_str(), changes[1].to.as_str()), ("true", "false"));
    }
}
