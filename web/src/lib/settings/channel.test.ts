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
  it('tells of a chat what it is like, and no number', () => {
    const form = toForm(null);
    form.chat = { ...form.chat, origins: ' https://a.example\nhttps://b.example ', greeting: ' Hi ' };
    const sent = fromForm({ ...form, kind: 'chat', name: 'Website' });
    expect(sent).not.toHaveProperty('address');
    expect(sent.config).toMatchObject({
      chat: { origins: ['https://a.example', 'https://b.example'], texts: { greeting: 'Hi' } },
    });
  });
  it('gives each answer before a chat a name, out of the question where it has none', () => {
    const form = { ...toForm(null), kind: 'chat' as const };
    const ask = (label: string, key = '') => ({ label, key, is_required: false });
    form.chat = {
      ...form.chat,
      questions: [ask(' Your name ', 'name'), ask('Zimmer für wie viele?'), ask('何?')],
    };
    expect(fromForm(form).config).toMatchObject({
      chat: { questions: [{ key: 'name' }, { key: 'zimmer_fur_wie_viele' }, { key: 'question_3' }] },
    });
  });
  it('tells a simulator nothing about a network', () => {
    expect(fromForm({ ...toForm(null), kind: 'simulator', account_sid: 'AC' }).config).toEqual({});
  });
});
