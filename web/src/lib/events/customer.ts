/** Events of a customer's file, and of the menus that speak with the customer. */
import { identityWords } from '../file/identity';
import { sourceWords } from '../file/consent';
import { requestWords } from '../file/request';
import { m } from '../paraglide/messages';
import { because, changes, line, type Of, type Telling } from './telling';

export const aboutCustomers = {
  customer_created: ({ data }) =>
    data.name ? m.event_customer_created_for({ name: data.name }) : m.event_customer_created(),
  customer_changed: ({ data }, who) => m.event_customer_changed({ who, changes: changes(data.changes) }),
  customer_tagged: ({ data }, who) =>
    data.tags.length
      ? m.event_customer_tagged({ who, tags: data.tags.join(', ') })
      : m.event_customer_untagged({ who }),
  identity_added: ({ data }, who) =>
    m.event_identity_added({ who, kind: identityWords(data.kind), value: data.value }),
  identity_removed: ({ data }, who) =>
    m.event_identity_removed({ who, kind: identityWords(data.kind), value: data.value }),
  customer_separated: ({ data, customer_id }, who) => {
    const told = customer_id === data.from ? m.event_separated_back : m.event_separated_here;
    return told({ who, name: data.name || m.event_other_file() });
  },
  customer_told_apart: ({ data }, who) =>
    m.event_told_apart({ who, name: data.name || m.event_other_file() }),
  request_filed: ({ data }, who) => m.event_request_filed({ who, summary: data.summary }),
  request_changed: ({ data }) =>
    because(m.event_request_changed({ summary: data.summary, status: requestWords(data.status) }), data.note),
  consent_changed: ({ data }) => {
    const told = data.opted_in ? m.event_opted_in : m.event_opted_out;
    return told({ address: data.address, source: sourceWords(data.source) });
  },
  consent_review_asked: ({ data }) => m.event_review_asked({ words: line(data.because) }),
  consent_review_decided: ({ data }, who) =>
    data.opted_out ? m.event_review_out({ who }) : m.event_review_kept({ who }),
  flow_started: (event) => because(m.event_flow_started(menu(event)), event.data.because),
  flow_paused: (event) => m.event_flow_paused(menu(event)),
  flow_resumed: (event) => m.event_flow_resumed(menu(event)),
  flow_ended: (event) => ENDED[event.data.because](menu(event)),
  flow_failed: (event) => {
    const { step, problem } = event.data;
    return m.event_flow_failed({ ...menu(event), step, problem });
  },
  handed_off: ({ data, names }) =>
    because(names.team ? m.event_handed_to({ team: names.team }) : m.event_handed_to_person(), data.because),
} satisfies Partial<Telling>;

const ENDED: Record<Of<'flow_ended'>['data']['because'], (inputs: { flow: string }) => string> = {
  completed: m.event_flow_completed,
  handed_off: m.event_flow_handed_off,
  timed_out: m.event_flow_timed_out,
  expired: m.event_flow_expired,
  interrupted: m.event_flow_interrupted,
  failed: m.event_flow_failed_end,
  opted_out: m.event_flow_opted_out,
};

/** A menu by its title as it is now; by its name of then when it is gone. */
const menu = ({ names, data }: { names: { flow?: string | null }; data: { name: string } }) => ({
  flow: names.flow ?? data.name,
});
