// Past cases like this one: how similar, what they share, what they turned out to be.
import { hiddenText, make } from './dom.js';
import { percent } from './numbers.js';

/** Null when there are none. */
export function similarCasesView(cases) {
  if (cases.length === 0) return null;
  return make('section', { className: 'answer-section similar-cases', 'aria-labelledby': 'similar-title' },
    make('h3', { id: 'similar-title' }, cases.length === 1 ? 'A past case like this one' : 'Past cases like this one'),
    make('p', { className: 'hint' }, 'Cases of other patients that the model reads alike. Alike is not the same: they show what was found, not what is likely.'),
    make('ol', { className: 'similar-list' }, cases.map(similarCase)));
}

function similarCase(one) {
  return make('li', { className: 'similar-case' },
    make('div', { className: 'similar-head' },
      make('span', { className: 'similar-verdict' }, verdict(one)),
      make('span', { className: 'quiet' }, whoText(one))),
    similarityBar(one.similarity),
    one.shared_findings.length > 0 && make('p', { className: 'similar-shared' }, hiddenText('Both have: '), one.shared_findings.join(', ')));
}

/** What it turned out to be; else what was suspected, which is less. */
function verdict({ outcome, suspected }) {
  if (outcome) return [make('strong', {}, outcome.condition || outcome.condition_code), ' ', make('span', { className: 'tag confirmed' }, 'confirmed')];
  if (suspected) return [suspected.condition || suspected.condition_id, ' ', make('span', { className: 'tag' }, `suspected, ${percent(suspected.confidence)}`)];
  return make('span', { className: 'quiet' }, 'no outcome yet');
}

const SEXES = { female: 'woman', male: 'man' };
const YOUNG = { female: 'girl', male: 'boy' };
const CHILDREN = new Set(['under 1', '1-4', '5-14']);

function whoText({ age_band: band, sex }) {
  const person = (CHILDREN.has(band) ? YOUNG : SEXES)[sex] ?? (CHILDREN.has(band) ? 'child' : 'patient');
  return `${person}, ${band.replace('-', ' to ')}${band === '85+' ? '' : ' years'}`.replace('under 1 years', 'under 1 year');
}

function similarityBar(similarity) {
  const fill = make('span', { className: 'bar-fill' });
  fill.style.width = `${Math.max(0, similarity * 100)}%`;
  return make('div', { className: 'similarity' },
    make('span', { className: 'bar', 'aria-hidden': 'true' }, fill),
    make('span', { className: 'similarity-number' }, hiddenText('Similarity '), similarity.toFixed(2)));
}
