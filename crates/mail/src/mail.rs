//! What a mail says once it is read.

use jiff::Timestamp;

/// A mail that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its Message-ID without the angle brackets; never empty.
    pub message_id: String,
    /// The mail had no Message-ID: this one is a hash of its bytes.
    pub is_id_derived: bool,
    /// The ids that it answers.
    pub in_reply_to: Vec<String>,
    /// The ids of its thread, oldest first.
    pub references: Vec<String>,
    /// Outlook's own mark of a thread, which stays when Outlook changes the ids.
    pub thread_index: Option<String>,
    /// The subject, on one line.
    pub subject: String,
    /// Who wrote it.
    pub from: Option<Address>,
    /// Where answers are wanted.
    pub reply_to: Option<Address>,
    /// Whom it was written to.
    pub to: Vec<Address>,
    /// Who got a copy.
    pub cc: Vec<Address>,
    /// Where failures are reported; empty is `<>`: nowhere, as with every report.
    pub return_path: Option<String>,
    /// When it was written, never after it was received.
    pub date: Timestamp,
    /// What it says, derived from the HTML when it has no text.
    pub text: String,
    /// The text was derived from the HTML.
    pub is_text_derived: bool,
    /// What it says as HTML, as it came: it is shown only after [`crate::safe_html`].
    pub html: Option<String>,
    /// The files it brings.
    pub attachments: Vec<Attachment>,
    /// The top headers as they came, unfolded, in their order.
    pub headers: Vec<(String, String)>,
}

impl Mail {
    /// Gives the address that an answer goes to: Reply-To, else From.
    pub fn customer(&self) -> Option<&Address> {
        self.reply_to.as_ref().or(self.from.as_ref())
    }

    /// Gives the first header of a name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// An address with the name beside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// The person's or company's name.
    pub name: Option<String>,
    /// The address as it was written, without blanks; never empty.
    pub address: String,
}

/// A file that a mail brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// A file name without folders or signs that cannot be seen; never empty.
    pub name: String,
    /// What it claims to be, in small letters, as in `image/png`.
    pub media_type: String,
    /// The decoded content; a text comes as UTF-8, a mail as its raw bytes.
    pub bytes: Vec<u8>,
    /// What the HTML names it by, without the angle brackets.
    pub content_id: Option<String>,
    /// The HTML shows it where it belongs.
    pub is_inline: bool,
}
