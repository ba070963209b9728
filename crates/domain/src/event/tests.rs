//! An event is kept in two columns and comes back as it was.

use super::*;

#[test]
fn an_event_survives_its_two_columns() {
    let event = Event::ConversationSnoozed { until: Some(Time(1)) };
    let (kind, data) = event.to_columns();
    assert_eq!(kind, "conversation_snoozed");
    assert_eq!(data, r#"{"until":"1970-01-01T00:00:00.000001Z"}"#);
    assert_eq!(Event::from_columns(&kind, &data).unwrap(), event);
    let (kind, data) = Event::ConversationClosed {}.to_columns();
    assert_eq!(Event::from_columns(&kind, &data).unwrap(), Event::ConversationClosed {});
    assert!(Event::from_columns("nonsense", "{}").is_err());
}
