import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** What every page owes to everybody: nothing for axe to find, in light and dark, and nothing that leaves its screen. */

/** `part`: only this of the page, where the rest is looked at elsewhere. */
export async function isClean(page: Page, part = 'html'): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join('\n')}`);
  expect(found).toEqual([]);
}

export async function isCleanByDayAndNight(page: Page, part?: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await isClean(page, part);
  }
}

/** The page itself does not scroll sideways, and nothing that is written ends outside of what shows it. */
export async function fitsItsScreen(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth))
    .toBeLessThanOrEqual(0);
  await expect.poll(() => page.evaluate(cutOff)).toEqual([]);
}

/**
 * The texts of which a part cannot be read. An ellipsis says that there is more, and what scrolls shows it; what only
 * listeners are told is nowhere to be seen, and a drawing is moved about in its frame.
 */
function cutOff(): string[] {
  const SLACK = 2;
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement!;
    const words = node.textContent!.trim();
    const isShown = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!words || !isShown || element.closest('.svelte-flow, .cm-editor')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    for (let box: Element | null = element; box; box = box.parentElement) {
      const { clipPath, textOverflow, overflowX } = getComputedStyle(box);
      if (clipPath !== 'none' || textOverflow === 'ellipsis' || /auto|scroll/.test(overflowX)) break;
      if (overflowX === 'visible' && box !== document.body) continue;
      const edge =
        box === document.body ? { left: 0, right: innerWidth } : (box as Element).getBoundingClientRect();
      if (text.left >= edge.left - SLACK && text.right <= edge.right + SLACK) continue;
      found.push(words);
      break;
    }
  }
  return found;
}

/** Pages by address, with what stands on each once it is there. */
export const PAGES: [path: string, sign: string | RegExp][] = [
  ['/flows', 'Flows'],
  ['/requests', 'Requests'],
  ['/reports', /Reports/],
  ['/customers/who-is-who', 'Who is who'],
  ['/journeys', 'Journeys'],
  ['/journeys?shape=draw', 'Journeys'],
  ['/journeys/conformance', 'Designed against discovered'],
  ['/journeys/friction', 'Friction'],
  ['/journeys/variants', 'Variants'],
  ['/journeys/attribution', 'Attribution'],
  ['/journeys/funnels', 'Funnels'],
  ['/journeys/paths', 'Paths'],
  ['/journeys/retention', 'Retention'],
  ['/journeys/retention?look=active', 'Retention'],
  ['/journeys/segments', 'Segments'],
  ['/journeys/touchpoints', 'Touchpoints'],
  ['/settings/profile', 'My profile'],
  ['/settings/company', 'Company'],
  ['/settings/people', 'People'],
  ['/settings/teams', 'Teams'],
  ['/settings/channels', 'Channels'],
  ['/settings/sources', 'Sources'],
  ['/settings/places', 'Places'],
  ['/settings/imports', 'Import'],
  ['/settings/canned-replies', 'Canned replies'],
  ['/settings/partners', 'Partners'],
  ['/settings/tokens', 'API tokens'],
  ['/settings/consent', 'Consent'],
  ['/settings/running', 'Running'],
];
