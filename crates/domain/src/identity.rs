//! Whose it is: how the ids that a source tells find a customer, or make one.
//!
//! A user id is of one customer, and a customer has at most one user id: two known people are never made one here. A
//! browser that a second known person uses stays with the first; what the second does there is on the second's file.

use crate::CustomerId;

/// The most characters of an id.
pub const MAX_ID: usize = 256;

/// Gives an id as it is kept; `None` for what programs send where they know none (experience-algorithms §5.2), and for
/// what cannot be kept.
pub fn clean_id(text: &str) -> Option<&str> {
    const NOBODY: &[&str] = &[
        "-1",
        "anonymous",
        "anon",
        "false",
        "guest",
        "nan",
        "nil",
        "none",
        "null",
        "n/a",
        "true",
        "undefined",
        "unknown",
        "[object object]",
    ];
    let id = text.trim();
    let is_blank = id.chars().all(|c| matches!(c, '0' | '-'));
    let is_blocked = NOBODY.contains(&id.to_ascii_lowercase().as_str());
    let fits = id.chars().count() <= MAX_ID && !id.chars().any(char::is_control);
    (!is_blank && !is_blocked && fits).then_some(id)
}

/// One id that was told, and whose it is so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The customer who has it.
    pub owner: Option<CustomerId>,
    /// Whether that customer has a user id, and so is known by more than a browser.
    pub is_known: bool,
}

/// What follows from the ids of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placing {
    /// Who it is; `None` makes a new customer.
    pub customer: Option<CustomerId>,
    /// Whether the user id goes onto the file.
    pub adds_user: bool,
    /// Whether the anonymous id goes onto the file.
    pub adds_anonymous: bool,
    /// An anonymous customer who turns out to be this one.
    pub merges: Option<CustomerId>,
}

/// Decides whose a call is. `None` where an id was not told.
pub fn place(user: Option<Told>, anonymous: Option<Told>) -> Placing {
    let staying = |customer| Placing {
        customer,
        adds_user: false,
        adds_anonymous: false,
        merges: None,
    };
    let (owner, browser) = (user.and_then(|told| told.owner), anonymous.and_then(|told| told.owner));
    let is_others = anonymous.is_some_and(|told| told.is_known);
    match (user, owner, browser) {
        (None, _, _) => Placing {
            adds_anonymous: anonymous.is_some() && browser.is_none(),
            ..staying(browser)
        },
        (Some(_), Some(_), Some(browser)) => Placing {
            merges: Some(browser).filter(|_| !is_others && Some(browser) != owner),
            ..staying(owner)
        },
        (Some(_), Some(_), None) => Placing {
            adds_anonymous: anonymous.is_some(),
            ..staying(owner)
        },
        (Some(_), None, Some(browser)) => Placing {
            adds_user: true,
            ..staying(Some(browser).filter(|_| !is_others))
        },
        (Some(_), None, None) => Placing {
            adds_user: true,
            adds_anonymous: anonymous.is_some(),
            ..staying(None)
        },
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn each_pair_of_ids_has_its_place() {
        const A: CustomerId = CustomerId(1);
        const U: CustomerId = CustomerId(2);
        let told = |owner, is_known| Some(Told { owner, is_known });
        let (free, of_u, of_browser, of_other) = (
            told(None, false),
            told(Some(U), true),
            told(Some(A), false),
            told(Some(A), true),
        );
        // (user id, anonymous id) -> (customer, adds user id, adds anonymous id, merges)
        let table = [
            (None, free, (None, false, true, None)),
            (None, of_browser, (Some(A), false, false, None)),
            (free, None, (None, true, false, None)),
            (free, free, (None, true, true, None)),
            (free, of_browser, (Some(A), true, false, None)),
            // A second person at a browser of a known one begins a file of their own.
            (free, of_other, (None, true, false, None)),
            (of_u, None, (Some(U), false, false, None)),
            (of_u, free, (Some(U), false, true, None)),
            (of_u, of_browser, (Some(U), false, false, Some(A))),
            (of_u, of_other, (Some(U), false, false, None)),
            (of_u, of_u, (Some(U), false, false, None)),
        ];
        for (user, anonymous, expected) in table {
            let got = place(user, anonymous);
            let got = (got.customer, got.adds_user, got.adds_anonymous, got.merges);
            assert_eq!(got, expected, "{user:?} {anonymous:?}");
        }
    }
}
