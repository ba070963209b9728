-- What numbers are counted from.
CREATE INDEX flow_sessions_started ON flow_sessions(flow_id, started_at);
