import { describe, expect, it } from 'vitest';
import { fromForm, toForm } from './channel';

describe('a channel as a form', () => {
  it('writes the number without signs, and keeps a token that was not typed again', () => {
    const form = { ...toForm(null), name: ' US ', address: '+1 (202) 555-0111', team: '3', rate: '3' };
    const sent = fromForm(form);
    expect(sent).toMatchObject({ name: 'US', address: '+12025550111', team_id: 3, segments_per_second: 3 });
    expect(sent.config).not.toHaveProperty('auth_token');
    expect(fromForm({ ...form, auth_token: 'abc ' }).config).toHaveProperty('auth_token', 'abc');
  });
  it('tells a simulator nothing about a network', () => {
    expect(fromForm({ ...toForm(null), kind: 'simulator', account_sid: 'AC' }).config).toEqual({});
  });
});
