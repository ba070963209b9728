/** The API's shapes around flows, reports, the phone and the running of it all. */
import type { Flow, MessageStatus, Ref, Time } from './types';

export type PhoneChannel = { id: number; name: string; address: string };
export type PhoneAttachment = { name: string; content_type: string; url: string };
export type PhoneMessage = {
  id: number;
  /** `in` goes to the company. */
  direction: 'in' | 'out';
  body: string;
  at: Time;
  status: MessageStatus;
  attachments: PhoneAttachment[];
};

export type FlowVersion = { version: number; saved_at: Time; saved_by: string };
export type FlowDetail = Flow & { source: string; definition: object | null; versions: FlowVersion[] };
export type FlowProblem = { line: number; column: number; severity: 'error' | 'warning'; message: string };
export type FlowNode = { id: string; kind: string; title: string; text: string; line: number };
export type FlowEdge = { from: string; to: string; label: string };
export type FlowGraph = { start: string; nodes: FlowNode[]; edges: FlowEdge[] };
export type StepCounts = Record<string, { entered: number; left: number; stopped_here: number }>;
export type FlowCheck = { problems: FlowProblem[]; graph: FlowGraph | null };
export type FlowTry = {
  state: object;
  said: { text: string; step: string }[];
  events: { text: string; step: string }[];
  waiting: boolean;
  step: string | null;
};
export type DryRun = {
  conversations: number;
  would_start: number;
  /** Of the ones it would have started in: brought to the end without a person, or handed to one. */
  would_answer: number;
  would_hand_off: number;
  texts: number;
  /** False when there were more texts than are looked at: then only the newest since `since`. */
  complete: boolean;
  since: Time;
  items: { conversation_id: number; at: Time; text: string; outcome: string }[];
};
export type FlowSession = {
  id: number;
  customer: Ref;
  conversation_id: number;
  version: number;
  status: string;
  ended_because: string | null;
  step: string | null;
  started_at: Time;
  ended_at: Time | null;
};
export type FlowSessionDetail = FlowSession & {
  steps: { step: string; at: Time }[];
  answers: Record<string, unknown>;
};

export type Partner = { id: number; name: string; way: 'mail' | 'webhook'; address: string; secret?: string };
export type ChannelHealth = {
  last_in: Time | null;
  last_out: Time | null;
  refused_24h: { reason: string; count: number; last_at: Time }[];
  queued: number;
  failed_24h: number;
  opted_out: number;
  advice: string[];
};
export type ConsentReview = {
  id: number;
  customer: Ref;
  conversation_id: number;
  message_id: number;
  body: string;
  reason: string;
  at: Time;
};
export type Inbound = {
  id: number;
  channel_id: number;
  received_at: Time;
  state: string;
  error: string;
  tries: number;
  body: string;
};
export type Job = {
  id: number;
  kind: string;
  payload: unknown;
  run_at: Time;
  tries: number;
  error: string;
  state: string;
};

export type MetricKey =
  | 'first_response'
  | 'next_response'
  | 'resolution_first'
  | 'resolution_full'
  | 'csat'
  | 'containment'
  | 'conversations_per_agent';
export type Metric = {
  key: MetricKey;
  title: string;
  definition: string;
  unit: 'seconds' | 'share' | 'count';
  n: number;
  median: number | null;
  p90: number | null;
  mean: number | null;
  value: number | null;
  low: number | null;
  high: number | null;
  extra: Record<string, number>;
};
export type ReportDay = {
  day: string;
  opened: number;
  closed: number;
  received: number;
  sent: number;
  first_response_median_s: number | null;
};
export type ReportAgent = {
  user: Ref;
  conversations: number;
  replies: number;
  first_response_median_s: number | null;
  csat: number | null;
};
export type ServiceReport = {
  from: string;
  to: string;
  time_zone: string;
  metrics: Metric[];
  by_day: ReportDay[];
  agents: ReportAgent[];
};
export type ReportRow = { conversation_id: number; customer: Ref; at: Time; value: number; text: string };
