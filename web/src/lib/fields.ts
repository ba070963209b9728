/** What is wrong with a field, in the reader's words. The server says it in phrases, which are matched here as they stand there. */
import { m } from './paraglide/messages';

type Found = RegExpMatchArray;
export const RULES: [phrase: RegExp, words: (found: Found) => string][] = [
  [/^must not be empty$/, m.field_missing],
  [/^must be given$/, m.field_missing],
  [/^is too long$/, m.field_too_long],
  [/^is not an email address$/, m.field_email],
  [/^is not a phone number$/, m.field_phone],
  [/^must be an international number such as \+12025550143$/, m.field_phone],
  [
    /^must have (\d+) to (\d+) characters$/,
    ([, least, most]) => m.field_length({ least: least!, most: most! }),
  ],
  [/^must not be longer than (\d+) characters$/, ([, most]) => m.field_longest({ most: most! })],
  [/^must be from (\d+) to (\d+)$/, ([, least, most]) => m.field_range({ least: least!, most: most! })],
  [/^must be a whole number$/, m.field_whole],
  [/^must be in the future, within a year$/, m.field_future],
  [/^is not the current one$/, m.field_not_current],
  [/^must not be the email address or the company's name$/, m.field_easy],
  [/^must be a URL that starts with https:\/\/ or http:\/\/$/, m.field_url],
  [/^must start with http:\/\/ or https:\/\/ and not end in a slash$/, m.field_url_bare],
  [/^must begin with https:\/\/ unless it is on this machine$/, m.field_https],
  [/^is not an IANA time zone$/, m.field_zone],
  [/^is not a time zone$/, m.field_zone],
  [/^must be letters, digits, - and _$/, m.field_letters],
  [/^cannot run: .*$/s, m.field_cannot_run],
  [/^must be given again when the account or the URL changes$/, m.field_again],
];

/** Adds phrases that only some pages hear of, so that the others need not load our words for them. */
export function learn(rules: typeof RULES): void {
  RULES.push(...rules);
}

/** Our words for a phrase of the server's; the phrase as a sentence where we have none. */
export function fieldWords(phrase: string): string {
  for (const [pattern, words] of RULES) {
    const found = phrase.match(pattern);
    if (found) return sentence(words(found));
  }
  return sentence(phrase);
}

/** The server speaks in phrases ("must not be empty"); a person reads sentences. */
export function sentence(phrase: string): string {
  if (!phrase) return '';
  const begun = phrase[0]!.toUpperCase() + phrase.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
