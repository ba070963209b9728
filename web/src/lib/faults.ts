/**
 * What is wrong with a rule and with a file that is imported: phrases of the server, and our words for them. Whoever loads
 * this has them in all fields.
 */
import { learn } from './fields';
import { m } from './paraglide/messages';

export { fieldWords } from './fields';

type Rule = [phrase: RegExp, words: (found: RegExpMatchArray) => string];

/** Of a touchpoint's and of a segment's rule. */
const RULE_FAULTS: Rule[] = [
  [/^cannot be read: (.*)$/s, ([, reason]) => m.fault_unreadable({ reason: reason! })],
  [/^cannot call '(.*)'$/, ([, name]) => m.fault_call({ name: name! })],
  [/^knows no touchpoint '(.*)'$/, ([, name]) => m.fault_touchpoint({ name: name! })],
  [/^knows no '(.*)'$/, ([, name]) => m.fault_name({ name: name! })],
  [/^is of a kind that cannot be decided$/, m.fault_kind],
  [/^(.*)\(\) takes a touchpoint in quotes, .*$/, ([, name]) => m.fault_one_place({ name: name! })],
  [/^(.*)\(\) takes two touchpoints in quotes .*$/, ([, name]) => m.fault_two_places({ name: name! })],
  [/^'(.*)' is no time that can be counted: .*$/, ([, text]) => m.fault_span({ text: text! })],
];

/** Of what its columns mean, and of the file itself. */
const FILE_FAULTS: Rule[] = [
  [/^names no column: '(.*)' is not in the file$/, ([, column]) => m.fault_no_column({ column: column! })],
  [/^must be a column, or a name for every row$/, m.fault_no_event],
  [/^must not be given beside a column$/, m.fault_two_events],
  [/^the file is empty$/, m.fault_file_empty],
  [/^is empty$/, m.fault_file_empty],
  [/^the file is gone$/, m.fault_file_gone],
  [/^the file is not UTF-8: save it as UTF-8$/, m.fault_not_utf8],
  [/^the first line is too long: it is to name the columns$/, m.fault_line_long],
  [/^the first line is no text: it is to name the columns$/, m.fault_line_no_text],
  [/^this is neither CSV nor JSON lines nor XES nor unpacked Parquet$/, m.fault_format],
  [/^this Parquet file has a column of intervals, which cannot be read$/, m.fault_intervals],
  [/^this Parquet file cannot be read: it is damaged$/, m.fault_damaged],
  [/^this Parquet file cannot be read: (.*)$/s, ([, reason]) => m.fault_parquet({ reason: reason! })],
  [/^this is not XML: (.*)$/s, ([, reason]) => m.fault_xml({ reason: reason! })],
  [/^this is not an event log$/, m.fault_no_log],
  [/^a bug: the server's log says more$/, m.fault_bug],
];

/** What the server adds to some of them: what may have been meant, or what there is. */
export const HINTS: [phrase: RegExp, words: (problem: string, hint: string) => string][] = [
  [/^(.*); did you mean '(.*)'\?$/s, (problem, word) => m.problem_did_you_mean({ problem, word })],
  [/^(.*); it may have (.*)$/s, (problem, words) => m.problem_may_have({ problem, words })],
];

/** A phrase in our words, with what the server adds. */
export function hinted(phrase: string, plain: (phrase: string) => string): string {
  for (const [pattern, words] of HINTS) {
    const [, problem, hint] = phrase.match(pattern) ?? [];
    if (problem !== undefined) return words(plain(problem), hint!);
  }
  return plain(phrase);
}

function plain(phrase: string): string {
  for (const [pattern, words] of [...RULE_FAULTS, ...FILE_FAULTS]) {
    const found = phrase.match(pattern);
    if (found) return words(found);
  }
  return phrase;
}

learn([
  ...HINTS.map(([pattern]): Rule => [pattern, ([phrase]) => hinted(phrase, plain)]),
  ...RULE_FAULTS,
  ...FILE_FAULTS,
]);
