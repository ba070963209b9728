//! Why what a source tells is refused.

use crate::words;

words! {
    /// Why a call is refused, or a whole request.
    CallRefusal {
        NotJson = "not_json", NotAnObject = "not_an_object", TooLarge = "too_large", TooDeep = "too_deep",
        UnknownType = "unknown_type", NoName = "no_name", NameTooLong = "name_too_long", NoIdentity = "no_identity",
        NoGroup = "no_group", NoPrevious = "no_previous", BadMessageId = "bad_message_id",
        /// Another call has this message id.
        OtherBody = "other_body",
        /// It could not be kept.
        NotKept = "not_kept",
        /// A cloud event that is not of version 1.0.
        BadVersion = "bad_version",
        /// A cloud event without an id.
        NoId = "no_id",
        /// A cloud event whose source is missing, or no address.
        NoSource = "no_source",
        /// A cloud event with data of two sorts.
        TwoData = "two_data",
        /// The whole request could not be read.
        UnreadableRequest = "unreadable_request",
        /// The whole request was too large.
        TooLargeRequest = "too_large_request",
        /// The source is switched off: the whole request was refused.
        SwitchedOff = "switched_off",
        /// The request came from a page that may not tell for the source.
        OtherOrigin = "other_origin"
    }
}
