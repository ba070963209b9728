/** Why something did not get through, in the reader's words. The server says it in phrases, which are matched here as they stand there. */
import { m } from '../paraglide/messages';

type Found = RegExpMatchArray;
export const RULES: [phrase: RegExp, words: (found: Found) => string][] = [
  [
    /^the customer has opted out with the provider; only the customer can opt in again, by texting START$/,
    m.error_opted_out,
  ],
  [/^the provider asks for a pause: too many texts at once$/, m.error_pause],
  [/^the carrier's daily limit for this sender is used up$/, m.error_daily_limit],
  [/^this is not a phone number$/, m.error_no_number],
  [/^this number cannot be reached from the channel's number$/, m.error_no_way],
  [/^this number is a landline or otherwise takes no texts$/, m.error_landline],
  [/^the phone is switched off, out of reach or does not take texts$/, m.error_out_of_reach],
  [/^this number does not exist any more$/, m.error_gone],
  [
    /^the provider does not accept the channel's account: check the account SID and the auth token$/,
    m.error_account,
  ],
  [
    /^the provider does not know the channel's account: check the account SID and the base URL$/,
    m.error_account_unknown,
  ],
  [/^the account may not send texts to this country$/, m.error_country],
  [/^a trial account sends only to numbers verified with the provider$/, m.error_trial],
  [/^the channel's number does not belong to the account or cannot send texts$/, m.error_sender],
  [/^the messaging service is unknown or has no number that can send this$/, m.error_service],
  [/^the text is empty$/, m.error_empty],
  [/^the text is longer than the provider takes, 1,600 characters$/, m.error_long],
  [/^the provider could not fetch an attachment: check the public URL$/, m.error_fetch],
  [/^the address for delivery reports is not valid: check the public URL$/, m.error_reports],
  [/^a text cannot be sent from a number to itself$/, m.error_itself],
  [/^the customer or the carrier blocks texts from this number$/, m.error_blocked],
  [/^the carrier took the text for spam$/, m.error_spam],
  [/^the channel's number is not registered with the carriers for texting$/, m.error_unregistered],
  [/^the carrier does not take this attachment$/, m.error_attachment],
  [/^the text costs more than the account allows$/, m.error_cost],
  [/^the carrier could not deliver it and does not say why$/, m.error_unknown],
  [/^the time to answer freely is over: the customer has to write first$/, m.error_window],
  [/^the provider reports error (.*)$/, ([, code]) => m.error_code({ code: code! })],
  [/^the provider answered (.*)$/, ([, status]) => m.error_answered({ status: status! })],
  [/^the provider is down for the moment$/, m.error_down],
  [/^the provider's address leads elsewhere: check the base URL$/, m.error_elsewhere],
  [
    /^the provider failed \((.*)\) and may have taken the text all the same$/,
    ([, status]) => m.error_failed({ status: status! }),
  ],
  [/^the provider cannot be reached$/, m.error_unreachable],
  [/^the provider's address is not valid: check the base URL$/, m.error_address],
  [/^the provider did not answer in time and may have taken the text$/, m.error_late],
  [/^the connection to the provider broke and the text may have been taken$/, m.error_broke],
  [/^the attachment is not at the provider's address$/, m.error_media_elsewhere],
  [
    /^the provider does not give the attachment \(status (.*)\)$/,
    ([, status]) => m.error_media_refused({ status: status! }),
  ],
  [/^the attachment is too large or was cut off$/, m.error_media_large],
  [/^(.*) is not valid UTF-8$/, ([, what]) => m.error_utf8({ what: what! })],
  [/^the field (.*) is missing$/, ([, name]) => m.error_field({ name: name! })],
  [/^'(.*)' is not a known message status$/, ([, word]) => m.error_status({ word: word! })],
  [/^the body cannot be read: (.*)$/, ([, reason]) => m.error_body({ reason: reason! })],
  [/^no message has the id (.*)$/, ([, id]) => m.error_no_message({ id: id! })],
  [/^the provider took the text but its answer cannot be read$/, m.error_answer],
  [/^the channel (.*) is switched off$/, ([, channel]) => m.error_channel_off({ channel: channel! })],
  [/^its job was discarded$/, m.error_discarded],
  [/^a bug: the server's log says more$/, m.error_bug],
  [/^whoever tried it was lost$/, m.error_lost],
];

/** Our words for a phrase of the server's; the phrase itself, or the provider's own, where we have none. */
export function faultWords(phrase: string): string {
  for (const [pattern, words] of RULES) {
    const found = phrase.match(pattern);
    if (found) return words(found);
  }
  return phrase;
}
