// How the words of the case were understood: the story and the other entries with their findings underlined. A click on
// an underlined word says what it became and which conditions it moved.
import { STORY, cutAtPlaces, entriesView, placesIn, storyView } from './case_texts.js';
import { hiddenText, make } from './dom.js';
import { strengthOf } from './evidence_view.js';
import { READINGS, effectsOf, inWords, mentionsOf } from './mentions.js';

const MEANING_ID = 'word-meaning';
const EFFECTS_SHOWN = 3;

const LEGEND = {
  present: 'present', absent: 'not there', known: 'known disease or measured', past: 'in the past', family: 'in the family',
  uncertain: 'uncertain, not counted',
};
const lineOf = (mention) => (mention.reading === 'measured' ? 'known' : mention.reading);

/** A section, or null when there is nothing to show. */
export function understoodView(patientCase, answer) {
  const mentions = mentionsOf(answer);
  const show = (text) => readingView(text, mentions);
  const [story, entries] = [storyView(patientCase, show), entriesView(patientCase, show)];
  if (!story && !entries) return null;
  const meaning = make('p', { className: 'word-meaning', id: MEANING_ID, 'aria-live': 'polite', hidden: true });
  const body = make('div', { className: 'understood' }, legend(mentions), story,
    story && placesIn(STORY, mentions).length === 0 && make('p', { className: 'quiet' }, 'Nothing in the story was recognised.'), entries, meaning);
  explainOnClick(body, meaning, answer);
  return make('section', { className: 'answer-section', 'aria-labelledby': 'understood-title' },
    make('h3', { id: 'understood-title' }, 'How your words were understood'), body);
}

function legend(mentions) {
  const seen = new Set(mentions.map(lineOf));
  return make('ul', { className: 'legend', 'aria-label': 'What the underlining means' },
    Object.entries(LEGEND).filter(([line]) => seen.has(line)).map(([line, text]) => make('li', {}, make('span', { className: `is-${line}` }, text))),
    make('li', { className: 'quiet' }, 'no line: no finding'));
}

function readingView(text, mentions) {
  const understood = text.field === STORY.field || placesIn(text, mentions).length > 0;
  return [marked(cutAtPlaces(text, mentions)), !understood && make('span', { className: 'not-understood' }, ' not understood')];
}

function marked(pieces) {
  return pieces.map(({ text, mentions }) => {
    if (mentions.length === 0) return text;
    const meaning = mentions.map(inWords).join('; ');
    const word = make('mark', {
      className: `is-${lineOf(mentions[0])}`, title: meaning, role: 'button', tabIndex: 0, 'aria-expanded': 'false', 'aria-controls': MEANING_ID,
    }, text, hiddenText(` (${meaning}) `));
    word.mentions = mentions;
    return word;
  });
}

/** One word is explained at a time; a second click or Escape takes the explanation away. */
function explainOnClick(body, meaning, answer) {
  const explain = (word) => {
    const before = body.querySelector('mark[aria-expanded="true"]');
    before?.setAttribute('aria-expanded', 'false');
    meaning.hidden = !word || word === before;
    if (meaning.hidden) return;
    word.setAttribute('aria-expanded', 'true');
    meaning.replaceChildren(...explanation(word, answer));
  };
  body.addEventListener('click', (event) => {
    const word = event.target.closest('mark');
    if (word) explain(word);
  });
  body.addEventListener('keydown', (event) => {
    const word = event.target.closest('mark');
    if (event.key === 'Escape') explain(null);
    else if (word && ['Enter', ' '].includes(event.key) && !event.ctrlKey && !event.metaKey) explain(word);
    else return;
    event.preventDefault();
  });
}

function explanation(word, answer) {
  return [
    make('q', {}, word.firstChild.textContent), ' was read as ',
    word.mentions.map((mention, position) => [position > 0 && '; ', make('strong', {}, mention.name), `, ${READINGS[mention.reading]}`]),
    '. ', effectText(word.mentions.flatMap((mention) => effectsOf(mention, answer))),
  ].flat(Infinity).filter(Boolean);
}

function effectText(effects) {
  if (effects.length === 0) return 'It moves none of the listed conditions.';
  const parts = effects.slice(0, EFFECTS_SHOWN).map(({ condition, weight }) =>
    `${weight > 0 ? 'for' : 'against'} ${condition} (${strengthOf(weight)})`);
  return `It speaks ${parts.join(', ')}.`;
}
