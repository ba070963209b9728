import { expect, type Page } from '@playwright/test';

/** Signs in the way a person does who tries the demo. */
export async function signIn(page: Page, role: 'Owner' | 'Manager' | 'Agent' = 'Owner'): Promise<void> {
  await page.goto('/sign-in');
  await page
    .getByRole('region', { name: /demo company/ })
    .getByRole('button', { name: new RegExp(`^${role}`) })
    .first()
    .click();
  await expect(page).toHaveURL(/\/inbox/);
}

/** A conversation's row in the list of the inbox. */
export const row = (page: Page, words: string) => page.locator('[data-row]').filter({ hasText: words });
/** Where a reply is written. */
export const composer = (page: Page) => page.getByRole('textbox', { name: /^Reply/ });
