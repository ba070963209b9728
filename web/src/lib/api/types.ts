/**
 * The API's shapes, as the server speaks them. Names are the names of the schemas in `/api/openapi.json`.
 */
export type Time = string;
export type List<T> = { items: T[]; next: string | null };
export type Ref = { id: number; name: string };

export type Role = 'owner' | 'manager' | 'agent' | 'viewer';
export type User = {
  id: number;
  email: string;
  name: string;
  role: Role;
  availability: 'available' | 'away';
  signature: string;
  locale: string;
  team_ids: number[];
  disabled: boolean;
  created_at: Time;
};
export type Session = { user: User; unread: number };
export type Setup = {
  needed: boolean;
  demo: boolean;
  company: string;
  sign_ins?: { email: string; password: string; role: Role }[];
};
export type SignIn = { id: number; device: string; created_at: Time; seen_at: Time; current: boolean };
export type Invitation = {
  id: number;
  email: string;
  role: Role;
  created_at: Time;
  expires_at: Time;
  accepted: boolean;
  link?: string;
};
export type InvitationView = { email: string; role: Role; company: string };
export type Team = { id: number; name: string; member_ids: number[] };
export type Token = {
  id: number;
  name: string;
  role: Role;
  created_at: Time;
  used_at: Time | null;
  token?: string;
};

export type ConversationStatus = 'open' | 'snoozed' | 'closed' | 'merged';
export type Viewer = { user_id: number; name: string; state: 'viewing' | 'typing' };
export type Conversation = {
  id: number;
  customer: { id: number; name: string; address: string };
  channel: { id: number; name: string; kind: string };
  status: ConversationStatus;
  automated: boolean;
  subject: string;
  team: Ref | null;
  assignee: Ref | null;
  route_reason: string;
  tags: string[];
  opened_at: Time;
  waiting_since: Time | null;
  last_at: Time;
  last_line: string;
  last_direction: 'in' | 'out';
  last_message_id: number;
  unread: boolean;
  draft: boolean;
  snoozed_until: Time | null;
  closed_at: Time | null;
  follows_id: number | null;
  merged_into_id: number | null;
  flow: { session_id: number; flow: string; step: string; status: 'waiting' | 'paused' } | null;
  in_tray: boolean;
  viewers: Viewer[];
};
export type Counts = {
  mine: number;
  unassigned: number;
  waiting: number;
  all: number;
  snoozed: number;
  automated: number;
  teams: Record<string, number>;
  saved: Record<string, number>;
};
export type Attachment = {
  id: number;
  name: string;
  content_type: string;
  size_bytes: number;
  url: string | null;
  error: string | null;
};
export type MessageStatus =
  | 'received'
  | 'scheduled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'undelivered'
  | 'failed'
  | 'unconfirmed'
  | 'cancelled'
  | 'refused';
export type Author = { kind: 'customer' | 'user' | 'flow' | 'system'; id: number | null; name: string };
export type Message = {
  id: number;
  conversation_id: number;
  customer_id: number;
  direction: 'in' | 'out';
  author: Author;
  body: string;
  at: Time;
  status: MessageStatus;
  segments: number;
  send_at: Time | null;
  error_code: string | null;
  error: string | null;
  attachments: Attachment[];
};
export type Note = { id: number; conversation_id: number; author: Ref | null; body: string; at: Time };
export type ActorView = {
  kind: 'customer' | 'user' | 'flow' | 'system' | 'partner' | 'api';
  id: number | null;
  name: string;
};
export type TimelineEvent = {
  id: number;
  at: Time;
  kind: string;
  actor: ActorView;
  conversation_id: number | null;
  customer_id: number | null;
  text: string;
  data: Record<string, unknown>;
};
export type ThreadItem =
  | { type: 'message'; key: string; at: Time; message: Message }
  | { type: 'note'; key: string; at: Time; note: Note }
  | { type: 'event'; key: string; at: Time; event: TimelineEvent };
export type Draft = { body: string; is_note: boolean; updated_at: Time | null };
export type ViewFilter = {
  status?: ConversationStatus;
  team_id?: number;
  assignee?: 'me' | 'nobody' | number;
  channel_id?: number;
  tag?: string;
  waiting?: boolean;
  text?: string;
};
export type View = { id: number; name: string; shared: boolean; filter: ViewFilter };
export type Canned = { id: number; shortcut: string; title: string; body: string; team_id: number | null };

export type Identity = { id: number; kind: string; value: string; verified: boolean };
export type Consent = {
  address: string;
  state: 'opted_in' | 'opted_out' | 'none';
  at: Time | null;
  source: string | null;
  by_customer: boolean;
  may_change: boolean;
};
export type Customer = {
  id: number;
  name: string;
  locale: string;
  time_zone: string;
  local_time: string | null;
  created_at: Time;
  identities: Identity[];
  traits: Record<string, string>;
  tags: string[];
  consent: Consent[];
  may_text: { ok: boolean; reason: string };
};
export type RequestStatus =
  'filed' | 'submitted' | 'confirmed' | 'declined' | 'done' | 'cancelled' | 'failed';
export type CustomerRequest = {
  id: number;
  customer: Ref;
  conversation_id: number | null;
  kind: string;
  summary: string;
  details: Record<string, unknown>;
  status: RequestStatus;
  status_note: string;
  partner: Ref | null;
  created_at: Time;
  updated_at: Time;
};
export type ConsentEntry = {
  id: number;
  address: string;
  change: 'opted_in' | 'opted_out';
  basis: string;
  source: string;
  wording: string;
  evidence_message_id: number | null;
  actor: string;
  at: Time;
};
export type SearchAnswer = {
  messages: { conversation_id: number; message_id: number; customer: Ref; snippet: string; at: Time }[];
  customers: Customer[];
  next: string | null;
};

export type Flow = {
  id: number;
  name: string;
  title: string;
  enabled: boolean;
  version: number;
  triggers: string[];
  updated_at: Time;
  sessions_7d: number;
  completed_7d: number;
  problems: number;
};
export type Channel = {
  id: number;
  name: string;
  kind: 'twilio' | 'simulator';
  address: string;
  hook: string;
  team_id: number | null;
  reopen: 'always' | 'within' | 'never';
  reopen_days: number;
  segments_per_second: number;
  disabled: boolean;
  config: {
    account_sid?: string;
    messaging_service_sid?: string;
    base_url?: string;
    auth_token_set?: boolean;
    auth_token?: string;
  };
};
export type Settings = {
  company: string;
  public_url: string;
  time_zone: string;
  locale: string;
  business_hours: Record<string, [string, string][]>;
  holidays: string[];
  undo_seconds: number;
  survey: { enabled: boolean; delay_seconds: number; text: string; thanks: string };
  texts: { help: string; opted_out: string; opted_in: string };
  default_team_id: number | null;
  opt_out_scope: 'company' | 'channel';
  mail: { smtp_url: string; from: string };
  country: string;
};

/**
 * What `/api/live` says when something happened: the event as it stands on the timeline. Where it is about a message,
 * `data.message` is the message itself as it is now.
 */
export type Change = TimelineEvent & { data: { message?: Message } };
