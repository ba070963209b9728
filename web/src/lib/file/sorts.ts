/** What a timeline can be narrowed to. Every kind of event that a customer can have is of one sort: nothing is out of reach. */
import type { aboutCompany } from '../events/company';
import type { Kind } from '../events/telling';
import { m } from '../paraglide/messages';

type Told = Exclude<Kind, keyof typeof aboutCompany>;
export type Sort = 'messages' | 'requests' | 'experience' | 'service' | 'notes' | 'file';

const SORT: Record<Told, Sort> = {
  message_received: 'messages',
  message_queued: 'messages',
  message_status_changed: 'messages',
  request_filed: 'requests',
  request_changed: 'requests',
  page_viewed: 'experience',
  screen_viewed: 'experience',
  action_tracked: 'experience',
  group_joined: 'experience',
  segment_entered: 'file',
  segment_left: 'file',
  checked_in: 'experience',
  customer_identified: 'experience',
  conversation_opened: 'service',
  conversation_reopened: 'service',
  conversation_closed: 'service',
  conversation_snoozed: 'service',
  conversation_woken: 'service',
  conversation_assigned: 'service',
  conversation_tagged: 'service',
  conversation_renamed: 'service',
  demand_said: 'service',
  channel_switched: 'service',
  conversation_merged: 'service',
  conversation_split: 'service',
  flow_started: 'service',
  flow_paused: 'service',
  flow_resumed: 'service',
  flow_ended: 'service',
  flow_failed: 'service',
  handed_off: 'service',
  survey_sent: 'service',
  survey_answered: 'service',
  survey_commented: 'service',
  call_logged: 'service',
  note_added: 'notes',
  customer_created: 'file',
  customer_changed: 'file',
  customer_tagged: 'file',
  customer_merged: 'file',
  customer_separated: 'file',
  customer_told_apart: 'file',
  identity_added: 'file',
  identity_removed: 'file',
  consent_changed: 'file',
  consent_review_asked: 'file',
  consent_review_decided: 'file',
};

/** The kinds of a sort as the server takes them; null for everything. */
export const kindsOf = (sort: Sort | 'all'): string | null =>
  sort === 'all'
    ? null
    : Object.entries(SORT)
        .filter(([, of]) => of === sort)
        .map(([kind]) => kind)
        .join(',');

export const sortOptions = (): { value: Sort | 'all'; label: string }[] => [
  { value: 'all', label: m.timeline_all() },
  { value: 'messages', label: m.timeline_messages() },
  { value: 'requests', label: m.timeline_requests() },
  { value: 'experience', label: m.timeline_experience() },
  { value: 'service', label: m.timeline_service() },
  { value: 'notes', label: m.timeline_notes() },
  { value: 'file', label: m.timeline_file() },
];
