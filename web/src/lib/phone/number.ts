/** The numbers that a simulated customer may have: +1 202 555 0100 to 0199 belong to nobody. */

/** A number of the fictional range, picked by `chance` from 0 up to 1. */
export function fictionalNumber(chance: number): string {
  return `+120255501${String(Math.floor(chance * 100)).padStart(2, '0')}`;
}

/** "+1 202 555 0143" for a North American number; others stay as they are. */
export function spaced(number: string): string {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `+1 ${parts[1]} ${parts[2]} ${parts[3]}` : number;
}

/** What somebody typed as an international number, or null. */
export function readNumber(text: string): string | null {
  const digits = text.replace(/[^\d+]/g, '');
  const number = digits.startsWith('+') ? digits : `+${digits.length === 10 ? '1' : ''}${digits}`;
  return /^\+\d{7,15}$/.test(number) ? number : null;
}
