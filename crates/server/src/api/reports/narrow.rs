//! Findings of one team, agent or channel.

use std::collections::HashSet;

use store::conversations;

use super::*;

/// Keeps what the query asks for.
pub(super) async fn narrow(app: &Shared, query: &ReportQuery, mut findings: Findings) -> Answer<Findings> {
    if let Some(agent) = query.agent {
        findings.measures.retain(|measure| measure.agent == Some(agent));
        findings.replies.retain(|reply| reply.agent == Some(agent));
        let theirs: HashSet<ConversationId> = findings.measures.iter().map(|measure| measure.conversation).collect();
        findings.ticks.retain(|(_, id, _)| theirs.contains(id));
    }
    if query.team.is_none() && query.channel.is_none() {
        return Ok(findings);
    }
    let (team, channel) = (query.team, query.channel);
    let mut ids: Vec<ConversationId> = findings.ticks.iter().map(|(_, id, _)| *id).collect();
    ids.extend(findings.measures.iter().map(|measure| measure.conversation));
    ids.sort_unstable();
    ids.dedup();
    let look = move |tx: &mut Tx| conversations::among(tx, &ids, team, channel);
    let wanted = app.store.read(look).await?;
    findings
        .measures
        .retain(|measure| wanted.contains(&measure.conversation));
    findings.replies.retain(|reply| wanted.contains(&reply.conversation));
    findings.ticks.retain(|(_, id, _)| wanted.contains(id));
    Ok(findings)
}
