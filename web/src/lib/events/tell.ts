/** Every event as one sentence in the reader's language. A kind that nobody tells does not compile. */
import { aboutCompany } from './company';
import { aboutConversations } from './conversation';
import { aboutCustomers } from './customer';
import { aboutTouchpoints } from './touchpoint';
import { whoWords, type Telling, type TimelineEvent } from './telling';

const TELLING: Telling = { ...aboutConversations, ...aboutCustomers, ...aboutTouchpoints, ...aboutCompany };

export function tell(event: TimelineEvent): string {
  const telling = TELLING[event.kind] as ((event: TimelineEvent, who: string) => string) | undefined;
  // The page may be older than the server.
  return telling?.(event, whoWords(event.actor)) ?? event.kind.replaceAll('_', ' ');
}
