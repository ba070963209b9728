/** Events of the company itself: its people, its settings, its running. */
import { m } from '../paraglide/messages';
import { roleName } from '../words';
import { changes, whoWords, type Telling } from './telling';

const somebody = () => whoWords({ kind: 'user', id: null, name: '' });
type Named = { data: { name: string } };
const saved = (what: () => string) => (event: Named, who: string) =>
  m.event_saved({ who, what: what(), name: event.data.name });
const removed = (what: () => string) => (event: Named, who: string) =>
  m.event_removed({ who, what: what(), name: event.data.name });

export const aboutCompany = {
  signed_in: ({ data }, who) => m.event_signed_in({ who, device: data.device }),
  sign_in_ended: ({ data }, who) => m.event_signed_out({ who, device: data.device }),
  user_joined: ({ data }) => m.event_user_joined({ name: data.name, role: roleName(data.role) }),
  user_changed: ({ data, names }, who) =>
    m.event_user_changed({ who, name: names.user ?? somebody(), changes: changes(data.changes) }),
  password_changed: ({ names }) => m.event_password_changed({ name: names.user ?? somebody() }),
  user_invited: ({ data }, who) =>
    m.event_user_invited({ who, email: data.email, role: roleName(data.role) }),
  invitation_withdrawn: ({ data }, who) => m.event_invitation_withdrawn({ who, email: data.email }),
  token_created: ({ data }, who) =>
    m.event_token_created({ who, name: data.name, role: roleName(data.role) }),
  token_revoked: ({ data }, who) => m.event_token_revoked({ who, name: data.name }),
  team_saved: saved(m.event_what_team),
  team_removed: removed(m.event_what_team),
  canned_reply_saved: ({ data }, who) =>
    m.event_saved({ who, what: m.event_what_canned(), name: data.title }),
  canned_reply_removed: ({ data }, who) =>
    m.event_removed({ who, what: m.event_what_canned(), name: data.title }),
  view_saved: saved(m.event_what_view),
  view_removed: removed(m.event_what_view),
  partner_saved: saved(m.event_what_partner),
  partner_removed: removed(m.event_what_partner),
  channel_saved: saved(m.event_what_channel),
  customer_erased: (_, who) => m.event_customer_erased({ who }),
  source_saved: saved(m.event_what_source),
  place_saved: saved(m.event_what_place),
  refusals_retried: ({ data, names }, who) =>
    m.event_refusals_retried({
      who,
      source: names.source ?? m.event_source_gone(),
      taken: data.taken,
      refused: data.refused,
    }),
  import_started: ({ data }, who) => m.event_import_started({ who, file: data.file }),
  import_ended: ({ data }) =>
    m.event_import_ended({ file: data.file, taken: data.taken, skipped: data.skipped }),
  stage_saved: saved(m.event_what_stage),
  stage_removed: removed(m.event_what_stage),
  question_saved: saved(m.event_what_question),
  question_removed: removed(m.event_what_question),
  fix_saved: ({ data }, who) => m.event_fix_saved({ who, name: data.name }),
  fix_removed: ({ data }, who) => m.event_fix_removed({ who, name: data.name }),
  touchpoint_saved: saved(m.event_what_touchpoint),
  touchpoint_removed: removed(m.event_what_touchpoint),
  segment_saved: saved(m.event_what_segment),
  segment_removed: removed(m.event_what_segment),
  flow_saved: ({ data, names }, who) => {
    const told = data.enabled ? m.event_flow_saved_on : m.event_flow_saved_off;
    return told({ who, version: data.version, flow: names.flow ?? data.name });
  },
  flow_removed: ({ data }, who) => m.event_flow_removed({ who, flow: data.name }),
  inbound_retried: ({ data }, who) => {
    const told = data.understood ? m.event_inbound_understood : m.event_inbound_failed;
    return told({ who, id: data.inbound });
  },
  inbound_discarded: ({ data }, who) => m.event_inbound_discarded({ who, id: data.inbound }),
  job_retried: ({ data }, who) => m.event_job_retried({ who, id: data.job, work: data.work }),
  job_discarded: ({ data }, who) => m.event_job_discarded({ who, id: data.job, work: data.work }),
  settings_changed: ({ data }, who) => m.event_settings_changed({ who, changes: changes(data.changes) }),
} satisfies Partial<Telling>;
