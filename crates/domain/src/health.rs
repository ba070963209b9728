//! A channel's health: what is wrong, and what it is told from. Who shows it puts it in words.

use serde::Serialize;

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

/// One thing that is wrong and asks for something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "key", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the fields say what they hold")]
pub enum Advice {
    /// The channel is switched off.
    SwitchedOff,
    /// Calls were refused in 24 hours, for this reason.
    Refused { reason: String, calls: i64, hook: String },
    /// The provider cannot reach this server: the public URL is a local one.
    Unreachable { hook: String },
    /// Nothing has ever arrived.
    NothingEver { address: String, hook: String },
    /// Nothing has come for long.
    Silent { days: i64, address: String, hook: String },
    /// Texts wait too long to leave.
    Backlog {
        texts: i64,
        minutes: i64,
        segments_per_second: i64,
    },
    /// Texts failed in 24 hours; `most` is what the provider said most often.
    Failures {
        failed: i64,
        tried: i64,
        most: Option<String>,
    },
    /// It is not known of texts whether they left.
    Unconfirmed { texts: i64 },
    /// Payloads could not be understood.
    NotUnderstood { payloads: i64 },
    /// Many opted out in 7 days.
    OptOuts { customers: i64, texted: i64 },
}

/// Lists what is wrong, the gravest first; empty when all is well.
pub fn advice(channel: &Condition) -> Vec<Advice> {
    if channel.disabled {
        return vec![Advice::SwitchedOff];
    }
    let refused = channel.refused.iter().map(|refused| Advice::Refused {
        reason: refused.reason.clone(),
        calls: refused.count,
        hook: channel.hook.clone(),
    });
    refused
        .chain(silence(channel))
        .chain(backlog(channel))
        .chain(failures(channel))
        .chain(stuck(channel))
        .chain(opt_outs(channel))
        .collect()
}

fn silence(channel: &Condition) -> Option<Advice> {
    let (address, hook) = (channel.address.clone(), channel.hook.clone());
    match channel.last_in.filter(|_| channel.kind == ChannelKind::Twilio) {
        None if channel.kind != ChannelKind::Twilio => None,
        None if is_local(&hook) => Some(Advice::Unreachable { hook }),
        None => (channel.refused.is_empty()).then_some(Advice::NothingEver { address, hook }),
        Some(last) => (channel.now > last.plus_seconds(SILENT_SECONDS)).then(|| Advice::Silent {
            days: channel.now.seconds_since(last) as i64 / 86_400,
            address,
            hook,
        }),
    }
}

fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["127.", "localhost", "0.0.0.0", "[::1]", "192.168.", "10."]
        .iter()
        .any(|local| host.starts_with(local))
}

fn backlog(channel: &Condition) -> Option<Advice> {
    let oldest = channel.oldest_queued.filter(|_| channel.queued > 0)?;
    (channel.now > oldest.plus_seconds(SLOW_SECONDS)).then(|| Advice::Backlog {
        texts: channel.queued,
        minutes: channel.now.seconds_since(oldest) as i64 / 60,
        segments_per_second: channel.segments_per_second,
    })
}

fn failures(channel: &Condition) -> Option<Advice> {
    (channel.failed_24h > 0).then(|| Advice::Failures {
        failed: channel.failed_24h,
        tried: channel.tried_24h,
        most: channel.failure.clone(),
    })
}

fn stuck(channel: &Condition) -> impl Iterator<Item = Advice> {
    let unconfirmed = (channel.unconfirmed > 0).then_some(Advice::Unconfirmed {
        texts: channel.unconfirmed,
    });
    let not_understood = (channel.not_understood > 0).then_some(Advice::NotUnderstood {
        payloads: channel.not_understood,
    });
    unconfirmed.into_iter().chain(not_understood)
}

/// Carriers look at a number that one in thirty tells to stop.
fn opt_outs(channel: &Condition) -> Option<Advice> {
    let (customers, texted) = (channel.opted_out_7d, channel.texted_7d);
    (customers >= 5 && customers * 30 >= texted).then_some(Advice::OptOuts { customers, texted })
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

    /// What is told of a channel that is well but for this.
    fn told(but: fn(&mut Condition)) -> Vec<Advice> {
        let mut channel = well();
        but(&mut channel);
        advice(&channel)
    }

    fn ago(channel: &Condition, seconds: i64) -> Option<Time> {
        Some(channel.now.plus_seconds(-seconds))
    }

    const WEEK_AND_A_DAY: i64 = 8 * 86_400;
    const LOCAL: &str = "http://127.0.0.1:8080/hooks/h";

    #[test]
    fn what_does_not_arrive_is_told() {
        let (address, hook) = (well().address, well().hook);
        let refused = || Refused {
            reason: "unsigned".to_owned(),
            count: 1,
        };
        assert_eq!(told(|_| {}), []);
        assert_eq!(told(|c| (c.disabled, c.last_in) = (true, None)), [Advice::SwitchedOff]);
        let nothing_ever = Advice::NothingEver {
            address: address.clone(),
            hook: hook.clone(),
        };
        assert_eq!(told(|c| c.last_in = None), [nothing_ever]);
        let unreachable = Advice::Unreachable { hook: LOCAL.to_owned() };
        assert_eq!(told(|c| (c.last_in, c.hook) = (None, LOCAL.to_owned())), [unreachable]);
        let simulated = told(|c| (c.last_in, c.kind) = (None, ChannelKind::Simulator));
        assert_eq!(simulated, [], "nobody has to find a simulator");
        let mut locked = well();
        (locked.last_in, locked.refused) = (None, vec![refused()]);
        let told_of = Advice::Refused {
            reason: refused().reason,
            calls: 1,
            hook: hook.clone(),
        };
        assert_eq!(advice(&locked), [told_of], "who is refused has arrived");
        let silent = Advice::Silent { days: 8, address, hook };
        assert_eq!(told(|c| c.last_in = ago(c, WEEK_AND_A_DAY)), [silent]);
        let quiet = told(|c| (c.last_in, c.kind) = (ago(c, WEEK_AND_A_DAY), ChannelKind::Simulator));
        assert_eq!(quiet, []);
    }

    #[test]
    fn what_does_not_leave_is_told() {
        let backlog = Advice::Backlog {
            texts: 2,
            minutes: 10,
            segments_per_second: 1,
        };
        assert_eq!(told(|c| (c.queued, c.oldest_queued) = (2, ago(c, 600))), [backlog]);
        assert_eq!(told(|c| (c.queued, c.oldest_queued) = (2, ago(c, 60))), []);
        let failures = Advice::Failures {
            failed: 1,
            tried: 9,
            most: Some("No such number.".to_owned()),
        };
        let failed = |c: &mut Condition| {
            (c.failed_24h, c.tried_24h, c.failure) = (1, 9, Some("No such number.".to_owned()));
        };
        assert_eq!(told(failed), [failures]);
        assert_eq!(told(|c| c.unconfirmed = 1), [Advice::Unconfirmed { texts: 1 }]);
        assert_eq!(told(|c| c.not_understood = 3), [Advice::NotUnderstood { payloads: 3 }]);
    }

    #[test]
    fn one_in_thirty_who_opts_out_is_many() {
        let many = Advice::OptOuts {
            customers: 5,
            texted: 150,
        };
        assert_eq!(told(|c| (c.opted_out_7d, c.texted_7d) = (5, 150)), [many]);
        assert_eq!(told(|c| (c.opted_out_7d, c.texted_7d) = (5, 151)), []);
        assert_eq!(told(|c| (c.opted_out_7d, c.texted_7d) = (4, 4)), []);
    }
}
