/** What is wrong with a definition, in the reader's words. The server says it in phrases, which are matched here as they stand there. */
import { hinted } from '../faults';
import { m } from '../paraglide/messages';

type Found = RegExpMatchArray;

const SUBJECTS: Record<string, () => string> = {
  'a flow': m.what_flow,
  'a trigger': m.what_trigger,
  'a timeout': m.what_timeout,
  'a case of a branch': m.what_case,
  'a condition': m.what_condition,
  'a keyword': m.what_keyword,
  'a choice': m.what_choice,
  'a label': m.what_label,
  'a day': m.what_day,
};

/** What it is about: a thing, a step, or a field by its name. */
function subject(phrase: string): string {
  const step = phrase.match(/^step '(.*)'$/);
  if (step) return m.what_step({ step: step[1]! });
  return SUBJECTS[phrase]?.() ?? phrase;
}

/** A rule whose phrase begins with what it is about. */
const about =
  (words: (inputs: { what: string }) => string) =>
  ([, what]: Found): string =>
    words({ what: subject(what!) });

/** In this order: what says more goes before what says less. */
export const RULES: [phrase: RegExp, words: (found: Found) => string][] = [
  [
    /^step '(.*)' goes to '(.*)', which is not there$/,
    ([, step, to]) => m.problem_goes_nowhere({ step: step!, to: to! }),
  ],
  [/^nothing leads to step '(.*)'$/, ([, step]) => m.problem_unreached({ step: step! })],
  [
    /^this runs in a circle without ever waiting for the customer: (.*)$/,
    ([, steps]) => m.problem_circle({ steps: steps! }),
  ],
  [/^nothing is known as '(.*)'$/, ([, name]) => m.problem_unknown({ name: name! })],
  [
    /^the timeout of step '(.*)' never comes: the session expires before$/,
    ([, step]) => m.problem_timeout({ step: step! }),
  ],
  [
    /^the text of step '(.*)' takes (.*) segments; carriers take (.*)$/,
    ([, step, parts, most]) => m.problem_segments({ step: step!, parts: parts!, most: most! }),
  ],
  [/^there is nothing to submit: no step of this flow files a request$/, m.problem_no_request],
  [/^'(.*)' cannot name an answer: .*$/, ([, name]) => m.problem_answer_name({ name: name! })],
  [/^'(.*)' cannot name a step: use .*$/, ([, name]) => m.problem_step_name({ name: name! })],
  [/^'(.*)' cannot name a step: as .*$/, ([, name]) => m.problem_step_taken({ name: name! })],
  [/^a flow's name has small letters, digits, '-' and '_', and begins with a letter$/, m.problem_flow_name],
  [/^'expires' is from 5 minutes to 14 days$/, m.problem_expires],
  [/^steps are written as 'name:' with what the step does below it$/, m.problem_steps],
  [/^a flow has at most (.*) steps$/, ([, most]) => m.problem_many_steps({ most: most! })],
  [/^a flow is at most (.*) bytes$/, ([, most]) => m.problem_bytes({ most: most! })],
  [/^this condition cannot be read: (.*)$/s, ([, reason]) => m.problem_condition({ reason: reason! })],
  [/^a condition cannot call '(.*)'$/, ([, name]) => m.problem_call({ name: name! })],
  [/^an option is written as '- step: Label'$/, m.problem_option],
  [/^options are written as a list, one '- ' line each$/, m.problem_options],
  [/^there is nothing to choose from$/, m.problem_no_options],
  [/^an option has a label and 'words', not '(.*)'$/, ([, name]) => m.problem_option_key({ name: name! })],
  [/^'(.*)' cannot be an option: .*$/, ([, name]) => m.problem_option_stop({ name: name! })],
  [
    /^'(.*)' means this option and also '(.*)'$/,
    ([, name, other]) => m.problem_option_twice({ name: name!, other: other! }),
  ],
  [
    /^a customer who replies with the one word '(.*)' opts out of all texts; use another word in '(.*)'$/,
    ([, word, label]) => m.problem_option_word({ word: word!, label: label! }),
  ],
  [/^a label is fixed: it cannot be filled in$/, m.problem_label_fixed],
  [/^'retries' is at most (.*): after that, .*$/, ([, most]) => m.problem_retries({ most: most! })],
  [
    /^'(pattern|choices)' goes with '(.*)'$/,
    ([, name, expect]) => m.problem_goes_with({ name: name!, expect: expect! }),
  ],
  [/^a question cannot expect '(.*)'$/, ([, name]) => m.problem_expect({ name: name! })],
  [
    /^'(expect: .*)' needs (?:a )?'(.*)'$/,
    ([, expect, name]) => m.problem_expect_needs({ name: name!, expect: expect! }),
  ],
  [/^'(.*)' must be a day such as .*$/, ([, name]) => m.problem_day({ name: name! })],
  [/^this pattern cannot be read: (.*)$/s, ([, reason]) => m.problem_pattern({ reason: reason! })],
  [/^the example '(.*)' does not fit the pattern$/, ([, text]) => m.problem_example({ text: text! })],
  [/^step '(.*)' does not say what it does$/, ([, step]) => m.problem_no_kind({ step: step! })],
  [/^a branch is written as a list: .*$/, m.problem_branch],
  [/^this is never tried: it stands after 'else'$/, m.problem_after_else],
  [/^there is no 'else': .*$/, m.problem_no_else],
  [/^'(.*)' does not start a flow$/, ([, name]) => m.problem_trigger({ name: name! })],
  [
    /^'(.*)' cannot be a keyword: by law (.*) end all texts, (.*) begin them again, and (.*) are answered before any flow$/,
    ([, word, stop, start, help]) =>
      m.problem_keyword_law({ word: word!, stop: names(stop!), start: names(start!), help: names(help!) }),
  ],
  [
    /^'(.*)' has no letter, digit or picture to look for$/,
    ([, word]) => m.problem_keyword_empty({ word: word! }),
  ],
  [/^a file holds one flow: take away the '---'$/, m.problem_one_flow],
  [/^this is not YAML: (.*)$/s, ([, reason]) => m.problem_yaml({ reason: reason! })],
  [/^anchors \(&\), aliases \(\*\) and tags \(!\) have no meaning in a flow; .*$/, m.problem_anchors],
  [/^a name was expected before the colon; .*$/, m.problem_colon],
  [/^'(.*)' is written twice here$/, ([, name]) => m.problem_twice({ name: name! })],
  [/^(.*) must be a text$/, about(m.problem_text)],
  [/^(.*) must be a number$/, about(m.problem_number)],
  [/^(.*) must be true or false$/, about(m.problem_flag)],
  [/^(.*) must be a time such as .*$/, about(m.problem_duration)],
  [/^(.*) must be written as 'name: value' lines$/, about(m.problem_lines)],
  [/^(.*) is written as 'name: text' lines$/, about(m.problem_texts)],
  [/^(.*) needs '(.*)'$/, ([, what, name]) => m.problem_needs({ what: subject(what!), name: name! })],
  [/^(.*) has no '(.*)'$/, ([, what, name]) => m.problem_has_no({ what: subject(what!), name: name! })],
  [
    /^(.*) is longer than (.*) characters$/,
    ([, what, most]) => m.problem_longer({ what: subject(what!), most: most! }),
  ],
  [
    /^(.*): a text knows (.*), not '(.*)'$/,
    ([, what, words, word]) =>
      m.problem_template_word({ what: subject(what!), words: names(words!), word: word! }),
  ],
  [
    /^('\w+'): (.*)$/s,
    ([, what, reason]) =>
      m.problem_template({
        what: what!,
        reason: reason === 'the text takes too long to fill in' ? m.problem_template_slow() : reason!,
      }),
  ],
];

/** A list of names without the word before its last. */
const names = (list: string): string => list.replace(/,? and /, ', ');

/** Our words for a phrase of the server's; the phrase itself where we have none. */
export const problemWords = (phrase: string): string => hinted(phrase, plain);

function plain(phrase: string): string {
  for (const [pattern, words] of RULES) {
    const found = phrase.match(pattern);
    if (found) return words(found);
  }
  return phrase;
}
