/** A channel as a form: every field a text, as fields are. Pure. */
import type { Channel } from '../api/types';

/** What a chat asks before the first message. */
export type QuestionForm = {
  label: string;
  /** What the answer becomes: one of `ANSWERS`, or a trait. */
  key: string;
  is_required: boolean;
};

/** Answers that are more than a trait: by them a visitor can be called and reached. */
export const ANSWERS = ['name', 'email', 'phone'] as const;
/** The most questions before a chat. */
export const MOST_QUESTIONS = 5;

/** What a chat is like. */
export type ChatForm = {
  colour: string;
  title: string;
  greeting: string;
  away: string;
  /** Websites, one a line. */
  origins: string;
  hides_when_closed: boolean;
  verified_only: boolean;
  questions: QuestionForm[];
  /** The source that page views are told to; empty for none. */
  source: string;
  /** The channel of texts that a chat goes on by; empty for none. */
  goes_on_by: string;
};

export type ChannelForm = {
  kind: Channel['kind'];
  name: string;
  address: string;
  team: string;
  reopen: Channel['reopen'];
  reopen_days: string;
  rate: string;
  enabled: boolean;
  account_sid: string;
  messaging_service_sid: string;
  base_url: string;
  /** Never shown again once it is set: empty leaves it as it is. */
  auth_token: string;
  auth_token_set: boolean;
  chat: ChatForm;
};

export function toForm(channel: Channel | null): ChannelForm {
  return {
    kind: channel?.kind ?? 'twilio',
    name: channel?.name ?? '',
    address: channel?.address ?? '',
    team: String(channel?.team_id ?? ''),
    reopen: channel?.reopen ?? 'within',
    reopen_days: String(channel?.reopen_days ?? 5),
    rate: String(channel?.segments_per_second ?? 1),
    enabled: !channel?.disabled,
    account_sid: channel?.config.account_sid ?? '',
    messaging_service_sid: channel?.config.messaging_service_sid ?? '',
    base_url: channel?.config.base_url ?? '',
    auth_token: '',
    auth_token_set: channel?.config.auth_token_set ?? false,
    chat: toChat(channel),
  };
}

function toChat(channel: Channel | null): ChatForm {
  const chat = channel?.config.chat;
  return {
    colour: chat?.colour ?? '',
    title: chat?.texts.title ?? '',
    greeting: chat?.texts.greeting ?? '',
    away: chat?.texts.away ?? '',
    origins: chat?.origins.join('\n') ?? '',
    hides_when_closed: chat?.hides_when_closed ?? false,
    verified_only: chat?.verified_only ?? false,
    source: String(chat?.source_id ?? ''),
    goes_on_by: String(chat?.goes_on_by ?? ''),
    questions: chat?.questions.map(({ is_required = false, ...asked }) => ({ ...asked, is_required })) ?? [],
  };
}

function fromChat(chat: ChatForm) {
  return {
    colour: chat.colour.trim(),
    texts: { title: chat.title.trim(), greeting: chat.greeting.trim(), away: chat.away.trim() },
    origins: chat.origins.split(/\s+/).filter(Boolean),
    hides_when_closed: chat.hides_when_closed,
    verified_only: chat.verified_only,
    source_id: chat.source ? Number(chat.source) : null,
    goes_on_by: chat.goes_on_by ? Number(chat.goes_on_by) : null,
    questions: chat.questions.map(({ label, key, is_required }, index) => ({
      label: label.trim(),
      key: key || traitOf(label, index),
      is_required,
    })),
  };
}

/** The name of the trait that an answer becomes: the question's own words, as far as a name can have them. */
function traitOf(label: string, index: number): string {
  const plain = label.normalize('NFKD').toLowerCase();
  const name = plain.replace(/\p{M}/gu, '').replace(/[^a-z0-9]+/g, '_');
  return name.slice(0, 40).replace(/^_+|_+$/g, '') || `question_${index + 1}`;
}

/** What the server is told. */
export function fromForm(form: ChannelForm) {
  const twilio = {
    account_sid: form.account_sid.trim(),
    messaging_service_sid: form.messaging_service_sid.trim(),
    base_url: form.base_url.trim(),
    ...(form.auth_token ? { auth_token: form.auth_token.trim() } : {}),
  };
  const own = {
    twilio: () => ({ ...number(form), config: twilio }),
    simulator: () => ({ ...number(form), config: {} }),
    chat: () => ({ config: { chat: fromChat(form.chat) } }),
  };
  return {
    kind: form.kind,
    name: form.name.trim(),
    team_id: form.team ? Number(form.team) : null,
    reopen: form.reopen,
    reopen_days: Number(form.reopen_days) || 0,
    disabled: !form.enabled,
    ...own[form.kind](),
  };
}

/** What only a number has. */
const number = (form: ChannelForm) => ({
  address: form.address.replace(/[\s().-]/g, ''),
  segments_per_second: Math.max(1, Math.round(Number(form.rate) || 1)),
});
