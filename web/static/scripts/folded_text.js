// The server speaks of places in a text as bytes of the text with its white space folded. This folds as it does.

const BLANKS = /[\p{White_Space}\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

export function fold(text) {
  return text.replace(BLANKS, ' ').replace(/^ | $/g, '');
}

/**
 * Cuts `text` at mentions {begin, end} (bytes): [{text, mention?}] in order, covering the whole text. A mention that
 * overlaps an earlier or longer one, or lies outside the text, is left out.
 */
export function cutAtMentions(text, mentions) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const part = (begin, end) => decoder.decode(bytes.subarray(begin, end));
  const ordered = [...mentions].sort((one, other) => one.begin - other.begin || other.end - one.end);
  const pieces = [];
  let at = 0;
  for (const mention of ordered) {
    if (mention.begin < at || mention.end <= mention.begin || mention.end > bytes.length) continue;
    if (mention.begin > at) pieces.push({ text: part(at, mention.begin) });
    pieces.push({ text: part(mention.begin, mention.end), mention });
    at = mention.end;
  }
  if (at < bytes.length) pieces.push({ text: part(at, bytes.length) });
  return pieces;
}
