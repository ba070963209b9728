/** Numbers in words, as the reader's language has them. Pure. */
export type LengthWords = { second: string; minute: string; hour: string; day: string };
const SHORT: LengthWords = { second: 's', minute: 'min', hour: 'h', day: 'd' };

/** "41 s", "2 min 14 s", "3 h 5 min", "2 d 4 h": a length of time in its two largest units. */
export function duration(seconds: number, words: LengthWords = SHORT): string {
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), words.day],
    [Math.floor(whole / 3_600) % 24, words.hour],
    [Math.floor(whole / 60) % 60, words.minute],
    [whole % 60, words.second],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return `0 ${words.second}`;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** "61 %", with the language's own sign and space. */
export const percent = (share: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share);

/** "29.4", "1,204": at most one digit after the point. */
export const count = (value: number, locale: string): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value);
