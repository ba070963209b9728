/** How a customer came, in words. Pure. */
import type { CustomerArrival } from '../api/types';
import { m } from '../paraglide/messages';

/** Whose ad a click was on, by the id that the link had. */
const NETWORKS: Record<string, string> = {
  gclid: 'Google',
  gbraid: 'Google',
  wbraid: 'Google',
  dclid: 'Google',
  fbclid: 'Meta',
  msclkid: 'Microsoft',
  ttclid: 'TikTok',
  li_fat_id: 'LinkedIn',
  twclid: 'X',
  rdt_cid: 'Reddit',
  epik: 'Pinterest',
  sccid: 'Snapchat',
  irclickid: 'impact.com',
};

const host = (url: string): string => {
  try {
    return new URL(url).hostname.replace(/^www\./, '');
  } catch {
    return url;
  }
};

/** "google · cpc, “Spring”": the link's own words, else whose ad it was, else the page that had the link. */
export function wayWords(arrival: CustomerArrival): string {
  const { source, medium, campaign, click_ids, referrer } = arrival;
  const clicked = Object.keys(click_ids)[0];
  const told =
    [source, medium].filter(Boolean).join(' · ') ||
    (clicked ? m.arrival_clicked({ network: NETWORKS[clicked] ?? clicked }) : '') ||
    (referrer ? host(referrer) : '');
  return campaign && told ? m.arrival_named({ way: told, campaign }) : told || campaign;
}

/** All that is known of it, a line each, for those who look closer. */
export function arrivalDetails(arrival: CustomerArrival): string[] {
  const { term, content, click_ids, referrer, page } = arrival;
  const clicks = Object.entries(click_ids).map(([name, value]) => `${name} ${value}`);
  const where = page ? m.arrival_page({ page: page.replace(/^https?:\/\//, '') }) : '';
  return [where, referrer && host(referrer), term, content, ...clicks].filter(Boolean);
}
