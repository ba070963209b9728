//! What a company may set. Every field has a default, so that an empty file is a working company.

use std::collections::BTreeMap;

use jiff::{civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{TeamId, Time, message::MAX_SMS, words};

words! {
    /// How far an opt-out reaches.
    OptOutScope {
        /// No channel of the company may text the customer.
        Company = "company",
        /// Only the number that was told to stop.
        Channel = "channel",
    }
}

/// The company's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Settings {
    /// The company's name, as customers know it.
    pub company: String,
    /// Where the world reaches this server, without a final slash. Signatures are checked against it.
    pub public_url: String,
    /// IANA name of the zone that business hours and reports are in.
    pub time_zone: String,
    /// Language of the desk for new users.
    pub locale: String,
    /// ISO country code that numbers without a country are read in.
    pub country: String,
    /// Periods a day in local time, by `mon` … `sun`; a day that is missing is closed.
    pub business_hours: BTreeMap<String, Vec<(String, String)>>,
    /// Closed days, `YYYY-MM-DD`.
    pub holidays: Vec<String>,
    /// How long a reply can be taken back, 0 to 60.
    pub undo_seconds: i64,
    /// The survey after a conversation is closed.
    pub survey: SurveySettings,
    /// What the server itself tells customers.
    pub texts: CompanyTexts,
    /// Team for conversations that no rule sends elsewhere.
    pub default_team_id: Option<TeamId>,
    /// How far an opt-out reaches.
    pub opt_out_scope: OptOutScope,
    /// How mail leaves, for requests to partners.
    pub mail: MailSettings,
    /// What a customer's call for help costs the company, in the currency's smallest unit; 0 when nobody has said.
    pub contact_cost: i64,
    /// The ISO 4217 code of the company's money.
    pub currency: String,
}

/// The survey after a conversation is closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SurveySettings {
    /// Whether it is sent at all.
    pub enabled: bool,
    /// How long after closing.
    pub delay_seconds: i64,
    /// The question.
    pub text: String,
    /// The answer to an answer.
    pub thanks: String,
}

/// What the server itself tells customers. One about a request may hold `{request}`, what the customer asked for; where it is
/// empty, customers are not told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct CompanyTexts {
    /// To HELP.
    pub help: String,
    /// To STOP, once.
    pub opted_out: String,
    /// To START.
    pub opted_in: String,
    /// When a menu gives the customer to a person and has no words of its own for it.
    pub passed_on: String,
    /// When a request is confirmed.
    pub request_confirmed: String,
    /// When a request cannot be met.
    pub request_declined: String,
    /// When a request is done.
    pub request_done: String,
    /// When a request is cancelled.
    pub request_cancelled: String,
}

/// How mail leaves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct MailSettings {
    /// `smtp://` or `smtps://` with user and password; empty means mail cannot be sent.
    pub smtp_url: String,
    /// The sender's address.
    pub from: String,
}

impl Default for Settings {
    fn default() -> Self {
        let day = vec![("09:00".to_owned(), "17:00".to_owned())];
        Settings {
            company: "Our company".to_owned(),
            public_url: String::new(),
            time_zone: "UTC".to_owned(),
            locale: "en".to_owned(),
            country: "US".to_owned(),
            business_hours: ["mon", "tue", "wed", "thu", "fri"]
                .map(|name| (name.to_owned(), day.clone()))
                .into(),
            holidays: Vec::new(),
            undo_seconds: 5,
            survey: SurveySettings::default(),
            texts: CompanyTexts::default(),
            default_team_id: None,
            opt_out_scope: OptOutScope::Company,
            mail: MailSettings::default(),
            contact_cost: 0,
            currency: "USD".to_owned(),
        }
    }
}

impl Default for SurveySettings {
    fn default() -> Self {
        SurveySettings {
            enabled: true,
            delay_seconds: 60,
            text: "How did we do? Reply with a number from 1 (poor) to 5 (great).".to_owned(),
            thanks: "Thank you for telling us.".to_owned(),
        }
    }
}

impl Default for CompanyTexts {
    fn default() -> Self {
        CompanyTexts {
            help: "Reply to this message and a person will answer. Reply STOP to get no more texts.".to_owned(),
            opted_out: "You will get no more texts from us. Reply START if you change your mind.".to_owned(),
            opted_in: "Welcome back. You will get our texts again. Reply STOP to end them.".to_owned(),
            passed_on: "Thank you. A colleague will read this and reply here.".to_owned(),
            // Plain quotes: a curly one would halve a text's room.
            request_confirmed: "Good news: your request \"{request}\" is confirmed.".to_owned(),
            request_declined: "We are sorry: your request \"{request}\" could not be met.".to_owned(),
            request_done: "Your request \"{request}\" is done.".to_owned(),
            request_cancelled: "Your request \"{request}\" has been cancelled.".to_owned(),
        }
    }
}

impl Settings {
    /// Gives the zone the company works in; UTC when the name is not known.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Says whether `at` is in business hours: on a day that is not a holiday, in one of its periods (end excluded).
    pub fn is_open_at(&self, at: Time) -> bool {
        let local = at.timestamp().to_zoned(self.zone());
        if self.holidays.contains(&local.date().to_string()) {
            return false;
        }
        let day = DAYS[local.weekday().to_monday_zero_offset() as usize];
        self.business_hours
            .get(day)
            .is_some_and(|periods| periods.iter().any(|period| contains(period, local.time())))
    }

    /// Gives the periods of a day in which the company is open, in its local time; none on a holiday.
    pub fn open_periods(&self, day: civil::Date) -> Vec<(civil::DateTime, civil::DateTime)> {
        if self.holidays.contains(&day.to_string()) {
            return Vec::new();
        }
        let name = DAYS[day.weekday().to_monday_zero_offset() as usize];
        let periods = self.business_hours.get(name).into_iter().flatten();
        periods
            .filter_map(|(from, to)| Some((day.to_datetime(time(from)?), day.to_datetime(time(to)?))))
            .collect()
    }

    /// Writes what may be written in several ways in the one that is looked for: holidays like `2026-12-25`.
    pub fn tidy(&mut self) {
        for day in &mut self.holidays {
            if let Ok(date) = day.trim().parse::<civil::Date>() {
                *day = date.to_string();
            }
        }
    }

    /// Lists what is wrong with the settings, as (field, message); empty when all is well.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut check = |ok: bool, field: &str, message: &str| {
            if !ok {
                found.push((field.to_owned(), message.to_owned()));
            }
        };
        check(!self.company.trim().is_empty(), "company", "must not be empty");
        check(
            TimeZone::get(&self.time_zone).is_ok(),
            "time_zone",
            "is not an IANA time zone",
        );
        check(
            (0..=60).contains(&self.undo_seconds),
            "undo_seconds",
            "must be from 0 to 60",
        );
        check(
            self.survey.delay_seconds >= 0,
            "survey.delay_seconds",
            "must not be negative",
        );
        let url = &self.public_url;
        let is_url = url.is_empty() || url.starts_with("http://") || url.starts_with("https://");
        check(
            is_url && !url.ends_with('/'),
            "public_url",
            "must start with http:// or https:// and not end in a slash",
        );
        check(
            self.holidays.iter().all(|day| day.parse::<civil::Date>().is_ok()),
            "holidays",
            "must be dates like 2026-12-25",
        );
        let is_currency = self.currency.len() == 3 && self.currency.bytes().all(|byte| byte.is_ascii_uppercase());
        check(is_currency, "currency", "must be three capital letters, such as EUR");
        check(
            (0..=MAX_COST).contains(&self.contact_cost),
            "contact_cost",
            "must be from 0 to 1,000,000,000",
        );
        self.check_texts(&mut check);
        for (day, periods) in &self.business_hours {
            let known = DAYS.contains(&day.as_str());
            let ordered = periods
                .iter()
                .all(|(from, to)| matches!((time(from), time(to)), (Some(from), Some(to)) if from < to));
            check(
                known && ordered,
                "business_hours",
                "must be mon to sun with periods like 09:00 to 17:00",
            );
        }
        found
    }

    fn check_texts(&self, check: &mut impl FnMut(bool, &str, &str)) {
        for (field, text) in [
            ("texts.help", &self.texts.help),
            ("texts.opted_out", &self.texts.opted_out),
            ("texts.opted_in", &self.texts.opted_in),
            ("texts.passed_on", &self.texts.passed_on),
            ("survey.text", &self.survey.text),
            ("survey.thanks", &self.survey.thanks),
        ] {
            check(
                text.chars().count() <= MAX_SMS,
                field,
                "must not be longer than 1600 characters",
            );
        }
        for (field, text) in [
            ("texts.request_confirmed", &self.texts.request_confirmed),
            ("texts.request_declined", &self.texts.request_declined),
            ("texts.request_done", &self.texts.request_done),
            ("texts.request_cancelled", &self.texts.request_cancelled),
        ] {
            // With the note that may follow it stays one text.
            check(
                text.chars().count() <= MAX_OUTCOME,
                field,
                "must not be longer than 500 characters",
            );
        }
    }
}

/// The most that a call for help may cost.
const MAX_COST: i64 = 1_000_000_000;
/// The longest sentence about a request, in characters.
const MAX_OUTCOME: usize = 500;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn contains((from, to): &(String, String), now: civil::Time) -> bool {
    matches!((time(from), time(to)), (Some(from), Some(to)) if from <= now && now < to)
}

/// Reads `HH:MM`; `24:00` is the last moment of the day.
fn time(text: &str) -> Option<civil::Time> {
    if text == "24:00" {
        Some(civil::Time::MAX)
    } else {
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn business_hours_are_local_and_know_holidays() {
        let settings = Settings {
            time_zone: "America/New_York".to_owned(),
            holidays: vec!["2026-12-25".to_owned()],
            ..Settings::default()
        };
        let table = [
            ("2026-03-06T14:00:00Z", true),  // Friday 09:00 in winter time
            ("2026-03-06T13:59:59Z", false), // a second earlier
            ("2026-03-06T22:00:00Z", false), // 17:00: closed
            ("2026-03-09T13:00:00Z", true),  // Monday 09:00 after the clocks changed
            ("2026-03-07T15:00:00Z", false), // Saturday
            ("2026-12-25T15:00:00Z", false), // holiday
        ];
        for (moment, open) in table {
            assert_eq!(settings.is_open_at(at(moment)), open, "{moment}");
        }
    }

    #[test]
    fn wrong_settings_are_named() {
        let settings = Settings {
            time_zone: "Mars/Base".to_owned(),
            public_url: "ftp://x/".to_owned(),
            currency: "€".to_owned(),
            contact_cost: -1,
            business_hours: [("mon".to_owned(), vec![("17:00".to_owned(), "09:00".to_owned())])].into(),
            ..Settings::default()
        };
        let fields: Vec<_> = settings.problems().into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            fields,
            ["time_zone", "public_url", "currency", "contact_cost", "business_hours"]
        );
        assert_eq!(Settings::default().problems(), []);
    }

    #[test]
    fn a_holiday_counts_however_it_is_written() {
        for day in ["20261225", " 2026-12-25 ", "2026-12-25T00:00:00"] {
            let mut settings = Settings {
                holidays: vec![day.to_owned()],
                ..Settings::default()
            };
            settings.tidy();
            assert_eq!(settings.problems(), []);
            assert!(!settings.is_open_at(at("2026-12-25T15:00:00Z")), "{day}");
        }
    }

    #[test]
    fn texts_that_no_provider_takes_are_named() {
        let mut settings = Settings::default();
        settings.texts.opted_out = "é".repeat(MAX_SMS);
        assert_eq!(settings.problems(), []);
        let long = "é".repeat(MAX_SMS + 1);
        settings.texts.opted_out = long.clone();
        settings.survey.thanks = long;
        let fields: Vec<_> = settings.problems().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["texts.opted_out", "survey.thanks"]);
    }

    #[test]
    fn missing_fields_take_their_defaults() {
        let settings: Settings = serde_json::from_str(r#"{"company":"Wander"}"#).unwrap();
        assert_eq!(settings.survey.delay_seconds, 60);
        assert_eq!(settings.company, "Wander");
    }
}
