/** What a browser keeps for the person who is signed in: another one who signs in here neither sees nor sends it. */

let owner = 0;

/** From now on everything is kept for this user. */
export function ownAs(user: number): void {
  owner = user;
}

/** The key under which something of the user's is kept. */
export const own = (key: string): string => `rapport.${owner}.${key}`;
