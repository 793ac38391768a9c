// The form: one film, dropped anywhere on the page or chosen, with the age and, where the server asks for it, the frame.
import { byId } from '../dom.js';
import { parseNumber } from '../numbers.js';

const LARGEST_FILM_BYTES = 64 * 1024 * 1024;   // as limits::kMaxFilmFileBytes

/** "8.2 MB", "812 kB". */
export function sizeInWords(bytes) {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB`;
}

export class FilmForm {
  /** `onFilm` is called after another film was chosen, `onProblem(text)` for what is none. */
  constructor({ onFilm, onProblem }) {
    Object.assign(this, { film: null, onFilm, onProblem });
    byId('film-file').addEventListener('change', ({ target }) => {
      if (target.files.length > 0) this.take([...target.files]);
      target.value = '';   // so that the same file can be chosen again
    });
    for (const type of ['dragover', 'dragleave', 'drop']) document.addEventListener(type, (event) => this.drag(event));
  }

  /** Anywhere on the page: a film that misses the zone would be opened by the browser in the page's place. */
  drag(event) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const leaves = event.type === 'drop' || (event.type === 'dragleave' && event.relatedTarget === null);
    byId('drop-zone').classList.toggle('is-over', !leaves);
    if (event.type === 'drop') this.take([...event.dataTransfer.files]);
  }

  take(files) {
    const problem = this.problemOf(files);
    if (problem) {
      this.onProblem(problem);
      return;
    }
    if (this.film) byId('film-age').value = '';   // that of the patient before
    [this.film] = files;
    byId('drop-title').textContent = `${this.film.name} · ${sizeInWords(this.film.size)}`;
    byId('film-file-hint').textContent = 'Drop another film, or choose one.';
    byId('film-frame').value = '';
    this.needFrame(false);
    this.onFilm();
  }

  problemOf(files) {
    if (files.length !== 1) return 'One film at a time: drop a single file.';
    if (files[0].size === 0) return 'This is an empty file or a folder.';
    if (files[0].size > LARGEST_FILM_BYTES) return `This film has ${sizeInWords(files[0].size)}; at most ${sizeInWords(LARGEST_FILM_BYTES)} are taken.`;
    return '';
  }

  needFrame(needed) {
    byId('frame-field').hidden = !needed;
  }

  /** {film, age, frame}, the last two as texts that may be empty, and the problems [{pointer, text}] in what was entered. */
  read() {
    const age = parseNumber(byId('film-age').value);
    const frame = byId('film-frame').value.trim();
    const problems = [
      !this.film && { pointer: '/file', text: 'A film is needed.' },
      Number.isNaN(age) && { pointer: '/age_years', text: 'This is not a number.' },
      !/^\d*$/.test(frame) && { pointer: '?frame', text: 'This is not a whole number.' },
    ].filter(Boolean);
    return { film: this.film, age: age === undefined ? '' : String(age), frame, problems };
  }
}
