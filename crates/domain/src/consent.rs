//! Consent: who may be texted, which words change that at once, and which make a person decide.
//!
//! The words that the law and the carriers fix come before every menu and rule. Anything else that may be a wish to hear
//! no more is shown to a person, who decides: a wrong guess in either direction does harm.

mod revocation;
mod wishes;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::words;

words! {
    /// A word that is obeyed at once, before any menu.
    ComplianceWord {
        /// No more texts.
        Stop = "stop",
        /// Texts again.
        Start = "start",
        /// Who is this, and how does one get out.
        Help = "help",
    }
}

words! {
    /// What a row of the consent ledger says.
    ConsentChange { OptedIn = "opted_in", OptedOut = "opted_out" }
}

words! {
    /// What kind of texts a consent covers.
    ConsentBasis {
        /// Answers to a customer who wrote.
        Conversational = "conversational",
        /// News about what the customer has with the company.
        Informational = "informational",
        /// Offers.
        Promotional = "promotional",
    }
}

words! {
    /// Where a change of consent came from.
    ConsentSource {
        /// The customer texted a compliance word.
        Keyword = "keyword",
        /// The customer wrote it in other words, and a person decided that it was meant.
        FreeText = "free_text",
        /// The provider says so.
        Provider = "provider",
        /// An agent set it.
        Agent = "agent",
        /// The customer filled in a form.
        Form = "form",
        /// It came with a list.
        Import = "import",
        /// The customer wrote first.
        FirstMessage = "first_message",
    }
}

/// What a text from a customer says about consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A compliance word: obey it at once, and let no menu see the text.
    Word(ComplianceWord),
    /// It may be a wish to hear no more: a person decides.
    PossibleRevocation {
        /// The words that made it look so, as the customer wrote them.
        reason: String,
    },
    /// Nothing.
    Nothing,
}

/// Words that opt out when they are the whole text, letters only.
const STOP: &[&str] = &[
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "optout",
    "revoke",
];
/// Words that opt in again when they are the whole text.
const START: &[&str] = &["start", "unstop"];
/// Words that ask for information when they are the whole text.
const HELP: &[&str] = &["help", "info"];

/// Reads a text as the carriers do: a compliance word counts only when it is the whole text, whatever its case, spaces
/// and punctuation.
///
/// YES opts in only a customer who is opted out: to everybody else it is an answer. Everything that is not a compliance
/// word is searched for a wish to hear no more, in English, Spanish, French and German.
///
/// ```
/// use domain::consent::{ComplianceWord, Reading, read};
/// assert_eq!(read(" Stop. ", false), Reading::Word(ComplianceWord::Stop));
/// assert_eq!(read("Stop by at 5", false), Reading::Nothing);
/// assert!(matches!(read("STOP 12345", false), Reading::PossibleRevocation { .. }));
/// ```
pub fn read(text: &str, opted_out: bool) -> Reading {
    let bare: String = fold(text).filter(|c| c.is_alphanumeric()).collect();
    match bare.as_str() {
        word if is_stop_word(word) => Reading::Word(ComplianceWord::Stop),
        word if START.contains(&word) || (opted_out && word == "yes") => Reading::Word(ComplianceWord::Start),
        word if HELP.contains(&word) => Reading::Word(ComplianceWord::Help),
        _ => match revocation::find(text) {
            Some(reason) => Reading::PossibleRevocation { reason },
            None => Reading::Nothing,
        },
    }
}

/// Says whether a word would opt a customer out: a menu must not use it as a key, for the customer who picks it would be
/// cut off instead.
pub fn is_reserved(keyword: &str) -> bool {
    let bare: String = fold(keyword).filter(|c| c.is_alphanumeric()).collect();
    is_stop_word(&bare)
}

fn is_stop_word(bare: &str) -> bool {
    STOP.contains(&bare)
}

/// Gives a text in lower case without accents, full-width forms and other dress.
fn fold(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
}

/// What the consent ledger says last about an address, as far as a decision needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Opted in or out.
    pub change: ConsentChange,
    /// Where that came from.
    pub source: ConsentSource,
}

/// Why an address cannot be opted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OptInRefusal {
    /// The customer opted out: only the customer can change that.
    #[error("the customer opted out, so only the customer can opt in again, by texting START")]
    CustomerOptedOut,
    /// Neither an earlier row nor the source is a wish of the customer.
    #[error("a list, a first message or other words do not opt in an address that is opted out")]
    NotAWish,
}

impl Standing {
    /// Says whether an address may be texted; an address the ledger does not know may.
    pub fn may_text(latest: Option<Standing>) -> bool {
        latest.is_none_or(|standing| standing.change == ConsentChange::OptedIn)
    }

    /// Says whether an opt-out from `source` adds to what the ledger says: an address is out once, and told so once.
    ///
    /// The customer's own word still counts where a colleague, a list or a person's reading of other words took the address
    /// out before. Never the other way round: an agent's row on top would be one that an agent can take back.
    pub fn is_new_opt_out(latest: Option<Standing>, source: ConsentSource) -> bool {
        let out = latest.filter(|standing| standing.change == ConsentChange::OptedOut);
        out.is_none_or(|standing| weight(source) > weight(standing.source))
    }

    /// Decides whether `source` may opt an address in whose newest row is `latest`.
    ///
    /// An opt-out by the customer, or one whose maker we do not know (a list, the provider), yields only to the customer's
    /// own act. One that an agent set can also be taken back by an agent. Writing something else never opts in.
    pub fn may_opt_in(latest: Option<Standing>, source: ConsentSource) -> Result<(), OptInRefusal> {
        use ConsentSource::*;
        let out = latest.filter(|standing| standing.change == ConsentChange::OptedOut);
        match (out.map(|standing| standing.source), source) {
            (None, _) | (Some(_), Keyword | Provider | Form) | (Some(Agent), Agent) => Ok(()),
            (Some(_), Agent) => Err(OptInRefusal::CustomerOptedOut),
            (Some(_), FreeText | Import | FirstMessage) => Err(OptInRefusal::NotAWish),
        }
    }
}

/// How much a source's opt-out says.
fn weight(source: ConsentSource) -> u8 {
    use ConsentSource::*;
    match source {
        Agent => 0,
        FreeText | Form | Import | FirstMessage => 1,
        Keyword | Provider => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn compliance_words_are_obeyed_however_they_are_written() {
        use ComplianceWord::*;
        let table = [
            (
                Stop,
                "STOP|stop|Stop.| stop \n|S.T.O.P|STOP!!!|\"Stop\"|stop 🛑|ＳＴＯＰ|stóp|STOPALL|stop all|Stop-All",
            ),
            (
                Stop,
                "unsubscribe|Unsubscribe.|CANCEL|end|End!|QUIT|optout|opt out|OPT-OUT|Opt Out.|revoke|REVOKE",
            ),
            (Start, "START|start.|Start!|unstop|UN-STOP"),
            (Help, "HELP|help?|info|INFO!"),
        ];
        for (word, texts) in table {
            for text in texts.split('|') {
                assert_eq!(read(text, false), Reading::Word(word), "{text:?}");
                assert_eq!(read(text, true), Reading::Word(word), "{text:?}");
            }
        }
    }

    #[test]
    fn yes_opts_in_only_who_is_out() {
        for text in ["YES", "yes", "Yes!"] {
            assert_eq!(read(text, true), Reading::Word(ComplianceWord::Start));
            assert_eq!(read(text, false), Reading::Nothing);
        }
        assert_eq!(read("yes please", true), Reading::Nothing);
    }

    #[test]
    fn menus_may_not_take_the_words_that_opt_out() {
        for word in ["Cancel", "END", "quit", "stop", "opt out"] {
            assert!(is_reserved(word), "{word}");
        }
        for word in ["1", "help", "yes", "start", "cancellation", "bend", ""] {
            assert!(!is_reserved(word), "{word}");
        }
    }

    #[test]
    fn only_the_customer_takes_back_the_customers_opt_out() {
        use ConsentSource::*;
        let out = |source| {
            Some(Standing {
                change: ConsentChange::OptedOut,
                source,
            })
        };
        for by in [Keyword, FreeText, Provider, Form, Import] {
            assert!(!Standing::may_text(out(by)));
            assert_eq!(
                Standing::may_opt_in(out(by), Agent),
                Err(OptInRefusal::CustomerOptedOut),
                "{by}"
            );
            for wish in [Keyword, Form, Provider] {
                assert_eq!(Standing::may_opt_in(out(by), wish), Ok(()), "{by} {wish}");
            }
        }
        assert_eq!(Standing::may_opt_in(out(Agent), Agent), Ok(()));
        for other in [FreeText, Import, FirstMessage] {
            assert_eq!(Standing::may_opt_in(out(Agent), other), Err(OptInRefusal::NotAWish));
            assert_eq!(Standing::may_opt_in(None, other), Ok(()));
        }
        let back = Some(Standing {
            change: ConsentChange::OptedIn,
            source: Keyword,
        });
        assert!(Standing::may_text(back) && Standing::may_text(None));
    }

    #[test]
    fn an_address_is_taken_out_once() {
        use ConsentSource::*;
        let standing = |change, source| Some(Standing { change, source });
        let out = |source| standing(ConsentChange::OptedOut, source);
        let table = [
            (None, Keyword, true),
            (standing(ConsentChange::OptedIn, Keyword), Keyword, true),
            (out(Keyword), Keyword, false),
            (out(Provider), Keyword, false),
            (out(Keyword), Provider, false),
            (out(FreeText), FreeText, false),
            (out(FreeText), Keyword, true),
            (out(Agent), Keyword, true),
            (out(Agent), Agent, false),
            (out(Keyword), Agent, false),
            (out(Import), Agent, false),
        ];
        for (latest, source, is_new) in table {
            assert_eq!(
                Standing::is_new_opt_out(latest, source),
                is_new,
                "{latest:?} then {source}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC*", opted_out: bool) {
            read(&text, opted_out);
        }
    }
}
