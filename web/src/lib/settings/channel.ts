/** A channel as a form: every field a text, as fields are. Pure. */
import type { Channel } from '../api/types';

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
  };
}

/** What the server is told. */
export function fromForm(form: ChannelForm) {
  const twilio = {
    account_sid: form.account_sid.trim(),
    messaging_service_sid: form.messaging_service_sid.trim(),
    base_url: form.base_url.trim(),
    ...(form.auth_token ? { auth_token: form.auth_token.trim() } : {}),
  };
  return {
    kind: form.kind,
    name: form.name.trim(),
    address: form.address.replace(/[\s().-]/g, ''),
    team_id: form.team ? Number(form.team) : null,
    reopen: form.reopen,
    reopen_days: Number(form.reopen_days) || 0,
    segments_per_second: Math.max(1, Math.round(Number(form.rate) || 1)),
    disabled: !form.enabled,
    config: form.kind === 'twilio' ? twilio : {},
  };
}
