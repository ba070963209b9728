//! A channel's health in plain words: what is wrong, and what to do about it.

use crate::{Time, channel::ChannelKind};

/// What is known of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Who carries it.
    pub kind: ChannelKind,
    /// Whether it is switched off.
    pub disabled: bool,
    /// Its number.
    pub address: String,
    /// The URL that its provider has to call.
    pub hook: String,
    /// Now.
    pub now: Time,
    /// When a text last came.
    pub last_in: Option<Time>,
    /// Calls that were refused in the last 24 hours, by reason.
    pub refused: Vec<Refused>,
    /// Texts that could leave and have not.
    pub queued: i64,
    /// Since when the oldest of them waits.
    pub oldest_queued: Option<Time>,
    /// How many segments may leave in a second.
    pub segments_per_second: i64,
    /// Texts that left or failed in the last 24 hours.
    pub tried_24h: i64,
    /// Of these, the ones that failed.
    pub failed_24h: i64,
    /// What the provider said most often of those.
    pub failure: Option<String>,
    /// Texts of which it is not known whether they left.
    pub unconfirmed: i64,
    /// Payloads that were not understood.
    pub not_understood: i64,
    /// Addresses that were texted in the last 7 days.
    pub texted_7d: i64,
    /// Addresses that opted out in the last 7 days.
    pub opted_out_7d: i64,
}

/// Calls that were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The reason, as it is counted by.
    pub reason: String,
    /// How many.
    pub count: i64,
}

/// How long a text may wait before something is wrong.
const SLOW_SECONDS: i64 = 300;
/// How long a line that was used may be silent.
const SILENT_SECONDS: i64 = 7 * 86_400;

/// Lists what is wrong and what to do about it, the gravest first; empty when all is well.
pub fn advice(channel: &Condition) -> Vec<String> {
    if channel.disabled {
        return vec!["The channel is switched off: nothing is taken and nothing is sent.".to_owned()];
    }
    let mut advice: Vec<String> = channel
        .refused
        .iter()
        .map(|refused| refusal(channel, refused))
        .collect();
    advice.extend(silence(channel));
    advice.extend(backlog(channel));
    advice.extend(failures(channel));
    advice.extend(stuck(channel));
    advice.extend(opt_outs(channel));
    advice
}

fn refusal(channel: &Condition, refused: &Refused) -> String {
    let (calls, hook) = (count(refused.count, "call"), &channel.hook);
    match refused.reason.as_str() {
        "wrong_signature" => format!(
            "Refused {calls} in 24 hours whose signature does not fit. Check that the auth token here is the account's primary \
             one, and that the provider calls exactly {hook}: if it calls another address, set the public URL in the settings."
        ),
        "unsigned" => format!(
            "Refused {calls} in 24 hours that had no signature. Check that no proxy takes the signature header away; if no \
             text is missing, somebody else tries the door."
        ),
        "wrong_body" => format!(
            "Refused {calls} in 24 hours whose body is not the one that was signed. Check that no proxy changes what it passes on."
        ),
        "no_secret" => {
            format!("Refused {calls} in 24 hours, because there is no auth token to check them with. Enter it here.")
        }
        other => format!("Refused {calls} in 24 hours ({other})."),
    }
}

fn silence(channel: &Condition) -> Option<String> {
    let hook = &channel.hook;
    let is_twilio = channel.kind == ChannelKind::Twilio;
    match channel.last_in {
        None if is_twilio && is_local(hook) => Some(format!(
            "The provider cannot reach {hook}. Set the public URL in the settings to the address that the world knows this server by."
        )),
        None if is_twilio && channel.refused.is_empty() => Some(format!(
            "Nothing has ever arrived. At the provider, set the webhook for incoming messages of {} to {hook}, by HTTP POST.",
            channel.address
        )),
        Some(last) if is_twilio && channel.now > last.plus_seconds(SILENT_SECONDS) => {
            let days = channel.now.seconds_since(last) as i64 / 86_400;
            Some(format!(
                "Nothing has come for {days} days. If that is unusual, check at the provider that {} is still yours and \
                 that its webhook is {hook}.",
                channel.address
            ))
        }
        _ => None,
    }
}

fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["127.", "localhost", "0.0.0.0", "[::1]", "192.168.", "10."]
        .iter()
        .any(|local| host.starts_with(local))
}

fn backlog(channel: &Condition) -> Option<String> {
    let oldest = channel.oldest_queued.filter(|_| channel.queued > 0)?;
    let minutes = channel.now.seconds_since(oldest) as i64 / 60;
    (channel.now > oldest.plus_seconds(SLOW_SECONDS)).then(|| {
        format!(
            "{} to leave, the oldest for {minutes} minutes. The channel may send {} a second: raise that if the carrier \
             allows more, and look at the jobs that failed.",
            waits(channel.queued, "text"),
            count(channel.segments_per_second, "segment"),
        )
    })
}

fn failures(channel: &Condition) -> Option<String> {
    let most = channel
        .failure
        .as_ref()
        .map(|failure| format!(" Most often: {}.", failure.trim_end_matches('.')))
        .unwrap_or_default();
    (channel.failed_24h > 0).then(|| {
        format!(
            "{} of {} failed in 24 hours.{most} Open the conversations to send them again.",
            channel.failed_24h,
            count(channel.tried_24h, "text")
        )
    })
}

fn stuck(channel: &Condition) -> Vec<String> {
    let mut advice = Vec::new();
    if channel.unconfirmed > 0 {
        advice.push(format!(
            "It is not known of {} whether it left. Ask the customer, or look at the provider's log, before sending it again.",
            count(channel.unconfirmed, "text")
        ));
    }
    if channel.not_understood > 0 {
        advice.push(format!(
            "{} from the provider could not be understood. Look at what is stuck, and run it again or discard it.",
            count(channel.not_understood, "payload")
        ));
    }
    advice
}

/// Carriers look at a number that one in thirty tells to stop.
fn opt_outs(channel: &Condition) -> Option<String> {
    let (out, texted) = (channel.opted_out_7d, channel.texted_7d);
    (out >= 5 && out * 30 >= texted).then(|| {
        format!(
            "{} opted out in 7 days, of {texted} who were texted. Carriers block numbers that many tell to stop: text only \
             those who expect it.",
            count(out, "customer")
        )
    })
}

fn count(n: i64, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {what}{s}")
}

fn waits(n: i64, what: &str) -> String {
    let waits = if n == 1 { "waits" } else { "wait" };
    format!("{} {waits}", count(n, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Condition {
        Condition {
            kind: ChannelKind::Twilio,
            disabled: false,
            address: "+12025550100".to_owned(),
            hook: "https://desk.example.com/hooks/h".to_owned(),
            now: Time(0).plus_seconds(100 * 86_400),
            last_in: Some(Time(0).plus_seconds(100 * 86_400 - 60)),
            refused: Vec::new(),
            queued: 0,
            oldest_queued: None,
            segments_per_second: 1,
            tried_24h: 0,
            failed_24h: 0,
            failure: None,
            unconfirmed: 0,
            not_understood: 0,
            texted_7d: 0,
            opted_out_7d: 0,
        }
    }

    fn refused(reason: &str) -> Vec<Refused> {
        vec![Refused {
            reason: reason.to_owned(),
            count: 1,
        }]
    }

    #[test]
    fn each_trouble_has_its_words() {
        let ago = |seconds: i64| Some(well().now.plus_seconds(-seconds));
        let local = "http://127.0.0.1:8080/hooks/h".to_owned();
        let simulator = ChannelKind::Simulator;
        let table = [
            (well(), None),
            (
                Condition {
                    disabled: true,
                    last_in: None,
                    ..well()
                },
                Some("switched off"),
            ),
            (
                Condition {
                    last_in: None,
                    ..well()
                },
                Some("Nothing has ever arrived. At the provider, set the webhook"),
            ),
            (
                Condition {
                    last_in: None,
                    hook: local.clone(),
                    ..well()
                },
                Some("cannot reach http://127.0.0.1:8080"),
            ),
            (
                Condition {
                    last_in: None,
                    hook: local,
                    kind: simulator,
                    ..well()
                },
                None,
            ),
            (
                Condition {
                    last_in: None,
                    refused: refused("wrong_signature"),
                    ..well()
                },
                Some("Refused 1 call in 24 hours whose signature does not fit. Check that the auth token"),
            ),
            (
                Condition {
                    refused: refused("unsigned"),
                    ..well()
                },
                Some("no signature"),
            ),
            (
                Condition {
                    refused: refused("wrong_body"),
                    ..well()
                },
                Some("no proxy changes"),
            ),
            (
                Condition {
                    refused: refused("no_secret"),
                    ..well()
                },
                Some("no auth token to check them with"),
            ),
            (
                Condition {
                    last_in: ago(8 * 86_400),
                    ..well()
                },
                Some("Nothing has come for 8 days"),
            ),
            (
                Condition {
                    last_in: ago(8 * 86_400),
                    kind: simulator,
                    ..well()
                },
                None,
            ),
            (
                Condition {
                    queued: 2,
                    oldest_queued: ago(600),
                    ..well()
                },
                Some("2 texts wait to leave, the oldest for 10 minutes. The channel may send 1 segment a second"),
            ),
            (
                Condition {
                    queued: 2,
                    oldest_queued: ago(60),
                    ..well()
                },
                None,
            ),
            (
                Condition {
                    failed_24h: 1,
                    tried_24h: 9,
                    failure: Some("No such number.".to_owned()),
                    ..well()
                },
                Some("1 of 9 texts failed in 24 hours. Most often: No such number. Open"),
            ),
            (
                Condition {
                    unconfirmed: 1,
                    ..well()
                },
                Some("not known of 1 text"),
            ),
            (
                Condition {
                    not_understood: 3,
                    ..well()
                },
                Some("3 payloads from the provider could not be understood"),
            ),
            (
                Condition {
                    opted_out_7d: 5,
                    texted_7d: 150,
                    ..well()
                },
                Some("5 customers opted out in 7 days, of 150"),
            ),
            (
                Condition {
                    opted_out_7d: 5,
                    texted_7d: 151,
                    ..well()
                },
                None,
            ),
            (
                Condition {
                    opted_out_7d: 4,
                    texted_7d: 4,
                    ..well()
                },
                None,
            ),
        ];
        for (channel, expected) in table {
            let advice = advice(&channel);
            match expected {
                None => assert_eq!(advice, Vec::<String>::new()),
                Some(words) => {
                    assert_eq!(advice.len(), 1, "{advice:?}");
                    assert!(advice[0].contains(words), "{advice:?} says not: {words}");
                }
            }
        }
    }
}
