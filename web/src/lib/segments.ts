/**
 * What a text costs, counted while it is typed. The server counts the same way: both are held to
 * `crates/domain/testdata/segments.json`. Sources: 3GPP TS 23.038 and TS 23.040.
 */
type Segments = {
  encoding: 'gsm7' | 'ucs2';
  /** Septets, or UTF-16 units. */
  units: number;
  parts: number;
  /** How many units one part holds at this length. */
  perPart: number;
  /** The characters that force UCS-2, each once. */
  culprits: string[];
};

const ALPHABET = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** These take an escape and count twice. */
const EXTENSION = new Set('^{}\\[~]|€\f');

/** Typographic signs and the plain ones that mean the same. */
const PLAIN = new Map(
  (
    [
      ['\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`', "'"],
      ['\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb', '"'],
      ['\u2039', '<'],
      ['\u203a', '>'],
      ['\u2010\u2011\u2012\u2013\u2014\u2015\u2212', '-'],
      ['\u2026', '...'],
      ['\u2022\u00b7', '-'],
      ['\u2044', '/'],
      ['\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000', ' '],
      ['\u2028\u2029', '\n'],
      ['\u00ad\u200b\u2060\ufeff', ''],
    ] as const
  ).flatMap(([signs, plain]) => [...signs].map((sign) => [sign, plain] as const)),
);

const septets = (character: string): number | null =>
  ALPHABET.has(character) ? 1 : EXTENSION.has(character) ? 2 : null;

/** Counts the parts that costs fill when none may stand half in one part and half in the next. */
function pack(costs: number[], room: number): number {
  let [parts, used] = [1, 0];
  for (const cost of costs) {
    if (used + cost > room) [parts, used] = [parts + 1, cost];
    else used += cost;
  }
  return parts;
}

/** Counts the parts a text travels in. */
export function segments(text: string): Segments {
  const characters = [...text];
  const culprits = [...new Set(characters.filter((c) => septets(c) === null))];
  const plain = culprits.length === 0;
  const costs = characters.map((c) => (plain ? septets(c)! : c.length));
  const units = costs.reduce((sum, cost) => sum + cost, 0);
  const [whole, part] = plain ? [160, 153] : [70, 67];
  const fits = units <= whole;
  return {
    encoding: plain ? 'gsm7' : 'ucs2',
    units,
    parts: units === 0 ? 0 : fits ? 1 : pack(costs, part),
    perPart: fits ? whole : part,
    culprits,
  };
}

/** Replaces typographic signs by plain ones; other characters stay as they are. */
export function toGsm(text: string): string {
  return [...text].map((c) => PLAIN.get(c) ?? c).join('');
}

/** What replacing would save, or null when there is nothing to replace or nothing is won. */
export function offeredFix(text: string): { signs: string[]; text: string; saves: number } | null {
  const before = segments(text);
  const signs = before.culprits.filter((c) => PLAIN.has(c));
  if (signs.length === 0) return null;
  const fixed = toGsm(text);
  const after = segments(fixed);
  // It also helps a short text: the room left in its one part more than doubles.
  const helps = after.parts < before.parts || (after.encoding === 'gsm7' && before.parts > 0);
  return helps ? { signs, text: fixed, saves: before.parts - after.parts } : null;
}
