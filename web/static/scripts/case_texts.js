// The texts of a case as the page shows them: the story in a paragraph, the other entries in a list.
import { make } from './dom.js';
import { cutAtMentions, fold } from './folded_text.js';

export const STORY = { field: 'narrative', item: 0 };
const LISTS = {
  symptoms: 'Symptoms and signs',
  absent_findings: 'Looked for and not there',
  preexisting_conditions: 'History',
  family_history: 'In the family',
};
const asReadInLowerCase = (character) => character.toLowerCase();

/** The texts of a field as the server numbers them: what folds to nothing is not counted. */
function textsOf(patientCase, field) {
  const given = field === STORY.field ? [patientCase.narrative ?? ''] : (Object.hasOwn(LISTS, field) && patientCase[field]) || [];
  return given.map(fold).filter((text) => text !== '');
}

/** `show({field, item, text})` gives what stands in the place of a text. Null when there is no story. */
export function storyView(patientCase, show) {
  const [text] = textsOf(patientCase, STORY.field);
  return text === undefined ? null : make('p', { className: 'story' }, show({ ...STORY, text }));
}

/** The same for the lists of the case. Null when there are none. */
export function entriesView(patientCase, show) {
  const lists = Object.keys(LISTS).filter((field) => patientCase[field]);
  if (lists.length === 0) return null;
  return make('dl', { className: 'entries' }, lists.map((field) => make('div', {},
    make('dt', {}, LISTS[field]),
    textsOf(patientCase, field).map((text, item) => make('dd', { className: 'entry' }, show({ field, item, text }))))));
}

/** Those of `places` {field, item, begin, end} that lie in this text. */
export const placesIn = ({ field, item }, places) => places.filter((place) => place.field === field && place.item === item);

/** A text cut at those places: pieces as of cutAtMentions(). */
export function cutAtPlaces(text, places) {
  const own = placesIn(text, places);
  return text.field === 'symptoms' ? cutAtMentions(text.text, own, asReadInLowerCase) : cutAtMentions(text.text, own);
}

/** The caller's words at `place` {field, item, begin, end}; undefined where the case has no text there. */
export function wordsAt(patientCase, place) {
  const text = textsOf(patientCase, place.field)[place.item];
  return text && cutAtPlaces({ ...place, text }, [place]).find((piece) => piece.mentions.length > 0)?.text;
}
