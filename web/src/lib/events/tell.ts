/** Every event as one sentence in the reader's language. A kind that nobody tells does not compile. */
import { aboutCompany } from './company';
import { aboutConversations } from './conversation';
import { aboutCustomers } from './customer';
import { m } from '../paraglide/messages';
import type { Line } from './bursts';
import { aboutTouchpoints, visitWords } from './touchpoint';
import { whoWords, type Telling, type TimelineEvent } from './telling';

const TELLING: Telling = { ...aboutConversations, ...aboutCustomers, ...aboutTouchpoints, ...aboutCompany };

export function tell(event: TimelineEvent): string {
  const telling = TELLING[event.kind] as ((event: TimelineEvent, who: string) => string) | undefined;
  // The page may be older than the server.
  return telling?.(event, whoWords(event.actor)) ?? event.kind.replaceAll('_', ' ');
}

/** A line in one sentence: what its head tells, and how often much the same happened. */
export function tellLine({ head, alike }: Line): string {
  if (!alike) return tell(head);
  if (head.kind === 'page_viewed') return visitWords(head, alike);
  return m.event_alike({ told: tell(head), count: alike - 1 });
}
