/** A company's colour, and what can be read on it (WCAG 2.2, relative luminance and contrast ratio). Pure. */

const partsOf = (colour: string): number[] => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** How light a colour `#rrggbb` is, 0 to 1. */
export function luminance(colour: string): number {
  const [red, green, blue] = partsOf(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** How well one colour can be told from another, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever is easier to read on a colour. */
export const ink = (colour: string): string =>
  contrast(colour, '#ffffff') >= contrast(colour, '#111111') ? '#ffffff' : '#111111';

/** The colour itself, or as little lighter or darker as it takes to be read on a ground (4.5 to 1). */
export function readable(colour: string, ground: string): string {
  const end = luminance(ground) > 0.5 ? 0 : 255;
  for (let share = 0; share <= 1; share += 0.04) {
    const mixed = partsOf(colour).map((part) => Math.round(part + (end - part) * share));
    const hex = `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    if (contrast(hex, ground) >= 4.5) return hex;
  }
  return end ? '#ffffff' : '#000000';
}

/** Whether this is a colour as channels have it. */
export const isColour = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text);
