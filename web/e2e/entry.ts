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
