// How the words of the case were understood: the story with its findings underlined, and the other entries as a list.
import { hiddenText, make } from './dom.js';
import { cutAtMentions, fold } from './folded_text.js';

const READINGS = {
  present: 'present',
  absent: 'not there',
  past: 'in the past',
  known: 'known disease',
  family: 'in the family',
  uncertain: 'uncertain, not counted',
};

const LISTS = {
  symptoms: 'Symptoms and signs',
  absent_findings: 'Looked for and not there',
  preexisting_conditions: 'History',
  family_history: 'In the family',
};

/** Which of READINGS a mention is. */
function readingOf(mention) {
  if (mention.known) return 'known';
  if (mention.subject !== 'patient') return 'family';
  if (mention.past) return 'past';
  if (mention.uncertain) return 'uncertain';
  return mention.polarity === 'absent' ? 'absent' : 'present';
}

/** The places that name a known disease, in the shape of a mention. */
function knownMentions(diagnoses) {
  return diagnoses.filter((diagnosis) => diagnosis.status === 'known').flatMap((diagnosis) =>
    diagnosis.evidence.flatMap((item) => item.spans).map((span) => ({ ...span, finding: diagnosis.condition, known: true })));
}

/** A section, or null when there is nothing to show. */
export function understoodView(patientCase, answer) {
  const understood = [...(answer.understood ?? []), ...knownMentions(answer.diagnoses)];
  const story = fold(patientCase.narrative ?? '');
  const inStory = understood.filter((mention) => mention.field === 'narrative');
  const entries = entriesView(patientCase, understood);
  if (story === '' && !entries) return null;
  return make('section', { className: 'answer-section', 'aria-labelledby': 'understood-title' },
    make('h3', { id: 'understood-title' }, 'How your words were understood'),
    story !== '' && [storyView(story, inStory), legend(inStory)],
    entries);
}

function storyView(story, mentions) {
  return make('p', { className: 'story' }, cutAtMentions(story, mentions).map(({ text, mention }) => {
    if (!mention) return text;
    const reading = readingOf(mention);
    const meaning = `${mention.finding}, ${READINGS[reading]}`;
    return make('mark', { className: `is-${reading}`, title: meaning }, text, hiddenText(` (${meaning}) `));
  }));
}

function legend(mentions) {
  if (mentions.length === 0) return make('p', { className: 'quiet' }, 'Nothing in the story was recognised.');
  const seen = new Set(mentions.map(readingOf));
  const entries = Object.entries(READINGS).filter(([reading]) => seen.has(reading));
  return make('ul', { className: 'legend', 'aria-label': 'What the underlining means' },
    entries.map(([reading, text]) => make('li', {}, make('span', { className: `is-${reading}` }, text))));
}

function entriesView(patientCase, understood) {
  const rows = Object.entries(LISTS).flatMap(([field, title]) =>
    (patientCase[field] ?? []).map((text, item) => entryRow(title, text, understood.filter((mention) => mention.field === field && mention.item === item))));
  if (rows.length === 0) return null;
  return make('details', { className: 'entries' },
    make('summary', {}, 'The other entries, one by one'),
    make('table', {},
      make('thead', {}, make('tr', {}, ...['You entered', 'Understood as'].map((text) => make('th', { scope: 'col' }, text)))),
      make('tbody', {}, ...rows)));
}

function entryRow(title, text, mentions) {
  const meanings = [...new Set(mentions.map((mention) => `${mention.finding} (${READINGS[readingOf(mention)]})`))];
  return make('tr', {},
    make('td', {}, text, make('span', { className: 'quiet' }, ` ${title}`)),
    make('td', {}, meanings.join('; ') || 'nothing'));
}
