//! Tables of cases for the rules, and that the order of arrival makes no difference.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[test]
fn ids_that_stand_for_nobody_are_none() {
    for nobody in [
        "",
        " ",
        "0",
        "000-00",
        "-1",
        "null",
        "Undefined",
        "[object Object]",
        "NaN",
        "guest",
        "a\u{0}b",
    ] {
        assert_eq!(clean_id(nobody), None, "{nobody:?}");
    }
    assert_eq!(clean_id(&"x".repeat(MAX_ID + 1)), None);
    assert_eq!(clean_id(" u-1 "), Some("u-1"));
    assert_eq!(clean_id("Zoë"), Some("Zoë"));
}

fn word(at: i64, user: &str) -> Word {
    Word {
        at: Time(at),
        user: user.to_owned(),
    }
}

#[test]
fn each_pair_of_ids_has_its_place() {
    const A: CustomerId = CustomerId(1);
    const U: CustomerId = CustomerId(2);
    let browser = |owner, is_known, word| Browser { owner, is_known, word };
    let nobodys = || Some(browser(None, false, None));
    let visitors = || Some(browser(Some(A), false, None));
    let bobs = |word| Some(browser(Some(A), true, word));
    let placing = |customer| Placing {
        customer,
        ..Placing::default()
    };
    let new = Placing {
        adds_user: true,
        ..Placing::default()
    };
    let (free, of_u) = (Some(None), Some(Some(U)));
    // Told at 5 by ada.
    #[rustfmt::skip]
    let table = [
        (None, nobodys(), Placing { adds_browser: true, ..Placing::default() }),
        (None, visitors(), placing(Some(A))),
        (free, None, new),
        (free, nobodys(), Placing { adds_browser: true, ties: true, ..new }),
        (free, visitors(), Placing { customer: Some(A), ties: true, ..new }),
        (of_u, None, placing(Some(U))),
        (of_u, nobodys(), Placing { adds_browser: true, ties: true, ..placing(Some(U)) }),
        (of_u, visitors(), Placing { joins: Some(A), ties: true, ..placing(Some(U)) }),
        // A second person at a browser of a known one has a file of their own, unless they were there before.
        (free, bobs(Some(word(4, "bob"))), new),
        (free, bobs(Some(word(6, "bob"))), Placing { takes: true, ties: true, ..new }),
        (of_u, bobs(Some(word(5, "bob"))), Placing { takes: true, ties: true, ..placing(Some(U)) }),
        (of_u, bobs(Some(word(5, "a"))), placing(Some(U))),
        // Nor do they take one that came to the file in another way.
        (of_u, bobs(None), placing(Some(U))),
        (of_u, Some(browser(Some(U), true, Some(word(4, "ada")))), placing(Some(U))),
        (of_u, Some(browser(Some(U), true, Some(word(6, "ada")))), Placing { ties: true, ..placing(Some(U)) }),
    ];
    for (user, browser, expected) in table {
        let got = place(user, browser.as_ref(), Some(&word(5, "ada")));
        assert_eq!(got, expected, "{user:?} {browser:?}");
    }
}

#[test]
fn two_files_are_joined_asked_about_or_kept_apart() {
    let side = |users, browsers, is_served| Side {
        users,
        browsers,
        is_served,
    };
    let (visitor, user, texting) = (side(0, 1, false), side(1, 3, false), side(0, 0, true));
    let table = [
        ((visitor, user, false, false), Verdict::Join),
        ((visitor, texting, false, false), Verdict::Join),
        ((texting, texting, false, false), Verdict::Ask),
        ((texting, side(1, 0, true), true, false), Verdict::Join),
        ((user, user, true, false), Verdict::Apart(Apart::TwoUsers)),
        ((side(1, 48, true), user, true, false), Verdict::Apart(Apart::TwoUsers)),
        (
            (side(0, 48, true), user, true, false),
            Verdict::Apart(Apart::TooManyBrowsers),
        ),
        ((visitor, user, true, true), Verdict::Apart(Apart::ToldApart)),
    ];
    for ((one, other, is_certain, is_told_apart), expected) in table {
        let got = [(one, other), (other, one)].map(|(one, other)| judge(one, other, is_certain, is_told_apart));
        assert_eq!(got, [expected; 2], "{one:?} {other:?} {is_certain}");
    }
}

/// Who a call names, and when it happened.
#[derive(Debug, Clone)]
struct Call {
    user: Option<String>,
    browser: Option<String>,
    at: i64,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = (0..4_usize, 0..5_usize, 0..6_i64).prop_map(|(user, browser, at)| Call {
        user: (user > 0 || browser == 0).then(|| format!("u{user}")),
        browser: (browser > 0).then(|| format!("b{browser}")),
        at,
    });
    prop::collection::vec(call, 1..14)
}

/// Files in memory, as the rules above make them: each id has a profile, and joins tie profiles.
#[derive(Default)]
struct Files {
    profiles: BTreeMap<String, CustomerId>,
    words: BTreeMap<String, Word>,
    joins: Vec<(CustomerId, CustomerId)>,
}

impl Files {
    fn owner(&self, id: &str) -> Option<CustomerId> {
        let profile = *self.profiles.get(id)?;
        graph::component(&self.joins, profile).first().copied()
    }

    fn add(&mut self, id: &str) -> CustomerId {
        let next = CustomerId(self.profiles.len() as i64);
        *self.profiles.entry(id.to_owned()).or_insert(next)
    }

    fn has_user(&self, customer: CustomerId) -> bool {
        self.profiles
            .keys()
            .any(|id| id.starts_with('u') && self.owner(id) == Some(customer))
    }

    fn take(&mut self, call: &Call) {
        let user = call.user.as_ref().map(|user| self.owner(user));
        let browser = call.browser.as_ref().map(|browser| {
            let owner = self.owner(browser);
            Browser {
                owner,
                is_known: owner.is_some_and(|owner| self.has_user(owner)),
                word: self.words.get(browser).cloned(),
            }
        });
        let told = call.user.as_ref().map(|user| word(call.at, user));
        let placing = place(user, browser.as_ref(), told.as_ref());
        let user = call.user.as_ref().map(|user| self.add(user));
        let browser = call.browser.as_ref().map(|browser| self.add(browser));
        let (Some(user), Some(browser), true) = (user, browser, placing.ties) else {
            return;
        };
        if placing.takes {
            self.joins.retain(|(_, other)| *other != browser);
        }
        if !self.joins.contains(&(user, browser)) {
            self.joins.push((user, browser));
        }
        self.words
            .insert(call.browser.clone().unwrap(), told.expect("a user was told"));
    }

    fn people(&self) -> BTreeSet<BTreeSet<String>> {
        let mut people: BTreeMap<CustomerId, BTreeSet<String>> = BTreeMap::new();
        for id in self.profiles.keys() {
            people.entry(self.owner(id).unwrap()).or_default().insert(id.clone());
        }
        people.into_values().collect()
    }
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(calls in calls(), shuffled in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let people_of = |calls: &[Call]| {
            let mut files = Files::default();
            calls.iter().for_each(|call| files.take(call));
            files.people()
        };
        let mut other = calls.clone();
        other.rotate_left(shuffled.index(calls.len()));
        other.sort_by_key(|call| {
            let text = format!("{seed}{call:?}");
            text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        });
        prop_assert_eq!(people_of(&calls), people_of(&other));
        // And nobody has two user ids.
        for person in people_of(&calls) {
            prop_assert!(person.iter().filter(|id| id.starts_with('u')).count() <= 1, "{:?}", person);
        }
    }
}
