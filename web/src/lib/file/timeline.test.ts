import { describe, expect, it, vi } from 'vitest';
import { Timeline } from './timeline.svelte';

const { get } = vi.hoisted(() => ({ get: vi.fn() }));
vi.mock('../api/client', async (original) => ({ ...(await original<object>()), api: { get } }));

const event = (id: number) => ({ id, at: `2026-03-04T10:00:${String(id).padStart(2, '0')}Z` });
const answer = (from: number, to: number, next: string | null) => ({
  items: Array.from({ length: from - to + 1 }, (_, index) => event(from - index)),
  next,
});

describe('a timeline that goes on', () => {
  const shown = async (second: ReturnType<typeof answer>) => {
    get.mockResolvedValueOnce(answer(5, 3, '3')).mockResolvedValueOnce(second);
    const timeline = new Timeline(1);
    await timeline.load();
    await timeline.load();
    return [timeline.events.map((event) => event.id), timeline.next];
  };

  it('puts what is new in front of what was loaded', async () => {
    expect(await shown(answer(7, 5, '5'))).toEqual([[7, 6, 5, 4, 3], '3']);
  });
  it('leaves no hole where more came than a page holds', async () => {
    expect(await shown(answer(20, 18, '18'))).toEqual([[20, 19, 18], '18']);
  });
});
