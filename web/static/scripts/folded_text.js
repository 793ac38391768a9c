// The server speaks of places in a text as bytes of the text with its white space folded. This folds as it does.

const BLANKS = /[\p{White_Space}\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const ENCODER = new TextEncoder();

export function fold(text) {
  return text.replace(BLANKS, ' ').replace(/^ | $/g, '');
}

/** Byte in the server's text -> position in `text`, for the begin of each character and for the end of the last. */
function placesOf(text, asCounted) {
  const places = new Map();
  let bytes = 0;
  let position = 0;
  for (const character of text) {
    places.set(bytes, position);
    bytes += ENCODER.encode(asCounted(character)).length;
    position += character.length;
  }
  return places.set(bytes, position);
}

/** Mentions that overlap, directly or through others, stand together: [{begin, end, mentions}], the longest mention first. */
function groupsOf(mentions) {
  const groups = [];
  for (const mention of [...mentions].sort((one, other) => one.begin - other.begin)) {
    const last = groups.at(-1);
    if (!last || mention.begin >= last.end) {
      groups.push({ begin: mention.begin, end: mention.end, mentions: [mention] });
    } else {
      last.end = Math.max(last.end, mention.end);
      last.mentions.push(mention);
    }
  }
  for (const group of groups) group.mentions.sort((one, other) => other.end - other.begin - (one.end - one.begin));
  return groups;
}

/**
 * Cuts `text` at mentions {begin, end} (bytes): [{text, mentions}] in order, covering the whole text. A mention that lies
 * outside the text or cuts a character in two is left out. `asCounted` turns a character into what the server counted the
 * bytes of, where that differs: it reads symptoms in lower case.
 */
export function cutAtMentions(text, mentions, asCounted = (character) => character) {
  const places = placesOf(text, asCounted);
  const sound = mentions.filter(({ begin, end }) => begin < end && places.has(begin) && places.has(end));
  const pieces = [];
  let at = 0;
  const cutTo = (position, found) => {
    if (position > at) pieces.push({ text: text.slice(at, position), mentions: found });
    at = position;
  };
  for (const group of groupsOf(sound)) {
    cutTo(places.get(group.begin), []);
    cutTo(places.get(group.end), group.mentions);
  }
  cutTo(text.length, []);
  return pieces;
}
