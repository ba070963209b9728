-- Taking a customer out of the database looks up everything that points to what goes.
CREATE INDEX consent_evidence ON consent(evidence_message_id) WHERE evidence_message_id IS NOT NULL;
CREATE INDEX consent_reviews_conversation ON consent_reviews(conversation_id);
CREATE INDEX consent_reviews_customer ON consent_reviews(customer_id);
CREATE INDEX notes_customer ON notes(customer_id);
CREATE INDEX flow_sessions_customer ON flow_sessions(customer_id);
CREATE INDEX conversations_followed ON conversations(follows_id) WHERE follows_id IS NOT NULL;
CREATE INDEX joins_from ON joins(from_id);
CREATE INDEX claims_profile ON claims(profile_id);
CREATE INDEX links_profile ON links(profile_id);
CREATE INDEX links_conversation ON links(conversation_id);
