/**
 * The API's shapes under the names that screens use. All of them come from the server's description; what is not right here
 * is put right there, and `cargo xtask codegen` brings it over.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

/** A page of a list. */
export type List<T> = { items: T[]; next: string | null };
export type Refusal = Schemas['Refusal'];
export type Time = Schemas['Time'];

export type Role = Schemas['Role'];
export type User = Schemas['User'];
export type Setup = Schemas['Setup'];
export type Invitation = Schemas['Invitation'];
export type InvitationView = Schemas['InvitationView'];
export type Team = Schemas['Team'];
export type Token = Schemas['Token'];
export type NewlyMadeToken = Schemas['NewlyMade'];

export type Conversation = Schemas['Conversation'];
export type Viewer = Schemas['Viewer'];
export type Way = Schemas['Way'];
export type Counts = Schemas['Counts'];
export type Attachment = Schemas['Attachment'];
export type MessageStatus = Schemas['MessageStatus'];
export type Message = Schemas['Message'];
export type Note = Schemas['Note'];
export type TimelineEvent = Schemas['TimelineEvent'];
export type ThreadItem = Schemas['ThreadItem'];
export type Draft = Schemas['Draft'];
export type ViewFilter = Schemas['Filter'];
export type View = Schemas['View'];
export type Canned = Schemas['Canned'];
/** What `/api/live` says when something happened. */
export type Change = Schemas['Change'];

export type Customer = Schemas['Customer'];
export type Join = Schemas['Join'];
export type Erasure = Schemas['Erasure'];
export type Suggestion = Schemas['Suggestion'];
export type Consent = Schemas['Consent'];
export type ConsentEntry = Schemas['ConsentEntry'];
export type ConsentReview = Schemas['ConsentReview'];
export type CustomerRequest = Schemas['CustomerRequest'];
export type RequestStatus = Schemas['RequestStatus'];
export type SearchAnswer = Schemas['SearchAnswer'];
export type Partner = Schemas['Partner'];
export type ChannelHealth = Schemas['ChannelHealth'];
export type Source = Schemas['Source'];
export type Place = Schemas['Place'];
export type CheckInPage = Schemas['CheckInPage'];
export type Arrivals = Schemas['Arrivals'];
export type CustomerArrival = Schemas['CustomerArrival'];
export type RefusedCall = Schemas['RefusedCall'];
export type Import = Schemas['Import'];
export type UploadedImport = Schemas['UploadedImport'];
export type ImportMap = Schemas['ImportMap'];
export type ImportPreview = Schemas['ImportPreview'];
export type SkipReason = Schemas['SkipReason'];

export type Channel = Schemas['Channel'];
export type ChannelForm = Schemas['ChannelForm'];
export type Settings = Schemas['Settings'];
export type PhoneChannel = Schemas['PhoneChannel'];
export type PhoneMessage = Schemas['PhoneMessage'];

export type Flow = Schemas['Flow'];
export type FlowDetail = Schemas['FlowDetail'];
export type FlowProblem = Schemas['Problem'];
export type FlowNode = Schemas['GraphNode'];
export type FlowGraph = Schemas['Graph'];
export type StepCounts = Schemas['CountedGraph']['counts'];
export type FlowSession = Schemas['FlowSession'];
export type DryRun = Schemas['DryRun'];

export type MetricKey = Schemas['Key'];
export type Metric = Schemas['Metric'];
export type ReportDay = Schemas['Day'];
export type ReportRow = Schemas['ReportRow'];
