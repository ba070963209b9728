import { beforeEach, expect, it, vi } from 'vitest';
import { ownAs } from '../own';
import { Outbox } from './outbox.svelte';

const { post } = vi.hoisted(() => ({ post: vi.fn() }));
vi.mock('../api/client', async (original) => ({ ...(await original<object>()), api: { post } }));

class Shelf implements Storage {
  readonly kept = new Map<string, string>();
  get length() {
    return this.kept.size;
  }
  key = (index: number) => [...this.kept.keys()][index] ?? null;
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
  clear = () => this.kept.clear();
}

const reply = (client_key: string) => ({
  client_key,
  conversation_id: 7,
  body: `reply ${client_key}`,
  attachments: [],
  send_at: null,
  last_seen_message_id: 0,
  last_seen_note_id: 0,
  anyway: false,
  close_after: false,
  at: '2026-11-23T10:00:00Z',
});
let shelf: Shelf;
function box(user: number): Outbox {
  ownAs(user);
  const outbox = new Outbox();
  outbox.open(shelf);
  return outbox;
}
const bodies = (outbox: Outbox) => outbox.items.map((out) => out.body);

beforeEach(() => {
  shelf = new Shelf();
  vi.useFakeTimers();
  post.mockReset().mockReturnValue(new Promise(() => {}));
});

it('keeps the replies of two windows side by side', async () => {
  const [one, other] = [box(1), box(1)];
  void one.send(reply('a'));
  void other.send(reply('b'));
  expect(bodies(box(1))).toEqual(['reply a', 'reply b']);
  one.take('a');
  expect(bodies(box(1))).toEqual(['reply b']);
});

it('neither shows nor sends what another person left here', async () => {
  void box(1).send(reply('a'));
  const other = box(2);
  expect(other.items).toEqual([]);
  post.mockClear();
  await other.flush();
  expect(post).not.toHaveBeenCalled();
  expect(bodies(box(1))).toEqual(['reply a']);
});
