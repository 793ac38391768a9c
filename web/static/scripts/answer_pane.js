// The pane of the answer: shows it, says that one is on its way or out of date.
import { answerView } from './answer_view.js';
import { leadingCondition } from './differential_view.js';
import { announce, byId } from './dom.js';
import { percent } from './numbers.js';
import { keepOpen, keepPlace } from './stay_put.js';

const WIDE = window.matchMedia('(min-width: 64rem)');
const TOOLS = ['print-answer', 'go-to-next'];

export class AnswerPane {
  /** `next` is the part with the next steps, which outlives an answer; `goTo(pointer)` as in answerView(). */
  constructor({ next, goTo }) {
    Object.assign(this, { next, goTo, answer: null });
    this.content = byId('answer-content');
    byId('go-to-next').addEventListener('click', () => {
      next.element.scrollIntoView({ block: 'start' });
      next.title.focus({ preventScroll: true });
    });
    byId('print-answer').addEventListener('click', () => window.print());
  }

  fill(answer, patientCase, before) {
    this.answer = answer;
    byId('answer-empty').hidden = true;
    TOOLS.forEach((id) => { byId(id).hidden = false; });
    this.content.replaceChildren(...answerView(answer, patientCase, { goTo: this.goTo, next: this.next.element, before }));
  }

  /** Shows an answer from its top; on a narrow screen it comes into view. */
  show(answer, patientCase) {
    this.fill(answer, patientCase);
    const first = leadingCondition(answer);
    announce(`The answer is ready. ${answer.urgency.level.replace('_', ' ')}.`
      + (first ? ` Most likely: ${first.condition}, ${percent(first.confidence)}.` : ''));
    byId('answer').scrollTop = 0;
    if (WIDE.matches) return;
    byId('answer-title').focus({ preventScroll: true });
    byId('answer').scrollIntoView({ block: 'start' });
  }

  /** Makes `change` to the page while the next steps stay where they are on the screen and what is open stays open. */
  keeping(change) {
    keepPlace(this.next.element, () => keepOpen(this.content, change));
  }

  /** `quietly`: without the line of text that would push the answer down. */
  showBusy(busy, quietly) {
    byId('answer').setAttribute('aria-busy', String(busy));
    byId('busy-notice').hidden = !busy || quietly;
    byId('diagnose').setAttribute('aria-disabled', String(busy));
    if (busy) announce('Working it out.');
  }

  setStale(stale) {
    byId('stale-notice').hidden = !stale || !this.answer;
  }

  clear() {
    this.answer = null;
    this.content.replaceChildren();
    this.next.clear();
    this.setStale(false);
    byId('answer-empty').hidden = false;
    TOOLS.forEach((id) => { byId(id).hidden = true; });
  }
}
