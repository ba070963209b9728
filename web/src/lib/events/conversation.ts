/** Events of conversations and of what is said in them. */
import { deliveryWords, ownWords } from '../desk/delivery';
import { faultWords } from '../desk/faults';
import { demandWords } from '../file/demand';
import { m } from '../paraglide/messages';
import { because, line, moment, whoWords, type Of, type Telling } from './telling';

export const aboutConversations = {
  conversation_opened: ({ data, names }) => {
    const channel = names.channel ?? '';
    return data.follows ? m.event_opened_after({ channel }) : m.event_opened({ channel });
  },
  conversation_reopened: (_, who) => m.event_reopened({ who }),
  conversation_closed: (_, who) => m.event_closed({ who }),
  conversation_snoozed: ({ data }, who) =>
    data.until ? m.event_snoozed({ who, until: moment(data.until) }) : m.event_snoozed_until_reply({ who }),
  conversation_woken: ({ data }) => because(m.event_woken(), data.because),
  conversation_assigned: assigned,
  conversation_tagged: ({ data }, who) =>
    data.tags.length ? m.event_tagged({ who, tags: data.tags.join(', ') }) : m.event_untagged({ who }),
  conversation_renamed: ({ data }, who) =>
    data.subject ? m.event_renamed({ who, subject: data.subject }) : m.event_unnamed({ who }),
  demand_said: ({ data }, who) => {
    if (!data.demand) return m.event_demand_taken_back({ who });
    const demand = demandWords(data.demand);
    return data.name
      ? m.event_demand_cause({ who, demand, name: data.name })
      : m.event_demand_said({ who, demand });
  },
  channel_switched: ({ names }, who) => m.event_switched({ who, channel: names.channel ?? '' }),
  conversation_merged: ({ data, conversation_id }, who) => {
    const told = conversation_id === data.into ? m.event_merged_here : m.event_merged_away;
    return told({ who, count: data.messages });
  },
  conversation_split: ({ data, conversation_id }, who) => {
    const told = conversation_id === data.from ? m.event_split_away : m.event_split_here;
    return told({ who, count: data.messages });
  },
  message_received: ({ data }, who) => wrote(data, who),
  message_queued: ({ data }, who) => wrote(data, who),
  message_status_changed: ({ data, names }) => {
    const told = m.event_delivery({
      status: deliveryWords(data.status),
      message: line(names.message ?? '') || m.no_words(),
    });
    return data.error && !ownWords(data.status) ? because(told, faultWords(data.error)) : told;
  },
  note_added: ({ data }, who) => m.event_noted({ who, body: line(data.body) }),
  survey_sent: () => m.event_survey_sent(),
  survey_answered: ({ data: { score, comment } }, who) =>
    comment
      ? m.event_survey_answered_with({ who, score, comment: line(comment) })
      : m.event_survey_answered({ who, score }),
  survey_commented: ({ data }, who) => m.event_survey_commented({ who, comment: line(data.comment) }),
} satisfies Partial<Telling>;

/** That somebody took it, answered, or was given it, is the sentence itself; any other reason stands behind. */
function assigned({ data, actor, names }: Of<'conversation_assigned'>, who: string): string {
  const plain = typeof data.because === 'object' && ['taken', 'given', 'answered'].includes(data.because.key);
  const reason = plain ? '' : data.because;
  if (data.assignee) {
    if (actor.kind === 'user' && actor.id === data.assignee) return because(m.event_taken({ who }), reason);
    const user = names.user ?? whoWords({ kind: 'user', id: null, name: '' });
    return because(m.event_given({ who, user: names.team ? `${user} (${names.team})` : user }), reason);
  }
  if (names.team) return because(m.event_queued_for({ who, team: names.team }), reason);
  return because(m.event_queued({ who }), reason);
}

function wrote({ body, attachments }: { body: string; attachments: number[] }, who: string): string {
  const [text, count] = [line(body), attachments.length];
  if (text)
    return count ? m.event_wrote_with_files({ who, count, body: text }) : m.event_wrote({ who, body: text });
  return count ? m.event_sent_files({ who, count }) : m.event_sent_nothing({ who });
}
