import { afterEach, describe, expect, it } from 'vitest';
import { overwriteGetLocale } from '../paraglide/runtime';
import { tell } from './tell';
import type { TimelineEvent } from './telling';

const event = (kind: string, data: object, more: object = {}): TimelineEvent =>
  ({
    id: 1,
    at: '2026-11-22T10:00:00Z',
    kind,
    data,
    actor: { kind: 'user', id: 1, name: 'Ada' },
    conversation_id: 7,
    names: {},
    ...more,
  }) as unknown as TimelineEvent;
const TABLE: [TimelineEvent, string, string][] = [
  [event('conversation_closed', {}), 'Ada closed the conversation', 'Ada hat das Gespräch abgeschlossen'],
  [
    event('demand_said', { demand: 'failure', touchpoint: 4, name: 'Payment failed' }),
    'Ada said why the customer wrote: Failure, Payment failed',
    'Ada hat gesagt, warum der Kunde schrieb: Fehler, Payment failed',
  ],
  [
    event('demand_said', { demand: null, touchpoint: null, name: '' }),
    'Ada took back why the customer wrote',
    'Ada hat zurückgenommen, warum der Kunde schrieb',
  ],
  [
    event('conversation_assigned', { team: 2, assignee: 1, because: { key: 'answered' } }),
    'Ada took the conversation',
    'Ada hat das Gespräch übernommen',
  ],
  [
    event(
      'conversation_assigned',
      { team: 2, assignee: null, because: { key: 'given' } },
      { names: { team: 'Rooms' } },
    ),
    'Ada put the conversation into the queue of Rooms',
    'Ada hat das Gespräch in die Warteschlange von Rooms gestellt',
  ],
  [
    event('handed_off', { team: null, because: 'no menu fits.' }),
    'The customer was handed to a person: no menu fits',
    'Der Kunde wurde an einen Menschen übergeben: no menu fits',
  ],
  [
    event(
      'flow_started',
      { name: 'requests', because: { key: 'keyword', word: 'bed' } },
      { names: { flow: 'Requests' } },
    ),
    'Menu “Requests” began: keyword “bed”',
    'Menü „Requests“ begann: Stichwort „bed“',
  ],
  [
    event('conversation_merged', { into: 7, messages: 1 }),
    'Ada merged another conversation into this one (1 message)',
    'Ada hat ein anderes Gespräch mit diesem zusammengeführt (1 Nachricht)',
  ],
  [
    event(
      'message_status_changed',
      { message: 4, status: 'failed', error: 'No such number.' },
      { names: { message: 'Hi\nthere' } },
    ),
    'Not sent: “Hi there”: No such number',
    'Nicht gesendet: „Hi there“: No such number',
  ],
  [
    event('customer_changed', {
      changes: [
        { what: 'time_zone', from: '', to: 'UTC' },
        { what: 'tier', from: 'gold', to: '' },
      ],
    }),
    'Ada changed the file: time zone “UTC”, tier removed',
    'Ada hat die Akte geändert: Zeitzone „UTC“, tier entfernt',
  ],
  [event('of_tomorrow', {}), 'of tomorrow', 'of tomorrow'],
];

afterEach(() => overwriteGetLocale(() => 'en'));

describe('an event', () => {
  it.each(TABLE)('is told in both languages: %#', (event, en, de) => {
    overwriteGetLocale(() => 'en');
    expect(tell(event)).toBe(en);
    overwriteGetLocale(() => 'de');
    expect(tell(event)).toBe(de);
  });
});
