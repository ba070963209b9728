import { redirect } from '@sveltejs/kit';

/** The inbox is home. */
export function load(): never {
  redirect(307, '/inbox');
}
