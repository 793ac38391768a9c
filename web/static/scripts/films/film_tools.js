// What stands around the film: tools, keys, the numbers of the window, the strength of the heat map.
import { byId } from '../dom.js';
import { FilmPointers } from './film_pointers.js';
import { draggedWindow } from './window_levels.js';

const ZOOM_STEP = 1.25;
const MOVE_STEP = 48;      // pixels of the screen
const WINDOW_STEP = 8;     // as many pixels of a drag
const KEYS = { '+': 'zoomIn', '=': 'zoomIn', '-': 'zoomOut', '−': 'zoomOut', i: 'invert', 0: 'reset', 1: 'fileWindow', 2: 'fullRange' };
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class FilmTools {
  constructor(view) {
    this.view = view;
    this.tool = matchMedia('(pointer: coarse)').matches ? 'move' : 'window';   // a finger on the film shall scroll the page as elsewhere
    this.pointers = new FilmPointers(view, () => this.tool);
    this.acts = {
      fileWindow: () => view.setWindow(view.film.window),
      fullRange: () => view.setWindow(view.full),
      invert: () => view.invert(),
      zoomIn: () => view.zoom(ZOOM_STEP),
      zoomOut: () => view.zoom(1 / ZOOM_STEP),
      reset: () => view.reset(),
    };
    this.listen();
    this.chooseTool(this.tool);
  }

  listen() {
    for (const button of document.querySelectorAll('[data-act]')) button.addEventListener('click', () => this.acts[button.dataset.act]());
    for (const button of document.querySelectorAll('[data-tool]')) button.addEventListener('click', () => this.chooseTool(button.dataset.tool));
    this.view.canvas.addEventListener('keydown', (event) => this.press(event));
    this.view.canvas.addEventListener('keyup', (event) => { if (event.key === ' ') this.holdSpace(false); });
    this.view.canvas.addEventListener('blur', () => this.holdSpace(false));
    byId('overlay-strength').addEventListener('input', (event) => this.setStrength(event.target.valueAsNumber));
    byId('help-button').addEventListener('click', () => {
      byId('viewer-help').hidden = !byId('viewer-help').hidden;
      byId('help-button').setAttribute('aria-expanded', String(!byId('viewer-help').hidden));
    });
  }

  /** `heatMap`: that of the answer; without one its slider is gone. */
  start(heatMap) {
    this.pointers.forget();
    byId('overlay-bar').hidden = !heatMap;
    byId('overlay-note').textContent = heatMap?.note ?? '';
    document.querySelector('.overlay-towards').textContent = heatMap?.towards ?? '';
    byId('overlay-strength').value = '0';
    this.setStrength(0);
  }

  chooseTool(tool) {
    this.tool = tool;
    for (const button of document.querySelectorAll('[data-tool]')) button.setAttribute('aria-pressed', String(button.dataset.tool === tool));
    this.showTool();
  }

  setStrength(percent) {
    this.view.setStrength(percent / 100);
    byId('overlay-value').textContent = percent === 0 ? 'off' : `${percent} %`;
    byId('overlay-bar').classList.toggle('is-off', percent === 0);
  }

  holdSpace(isDown) {
    this.pointers.isSpaceDown = isDown;
    this.showTool();
  }

  press(event) {
    if (!this.view.film || event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = DIRECTIONS[event.key];
    if (event.key === ' ') this.holdSpace(true);
    else if (direction) this.steer(direction, event.shiftKey);
    else if (KEYS[event.key.toLowerCase()]) this.acts[KEYS[event.key.toLowerCase()]]();
    else return;
    event.preventDefault();
  }

  /** The arrow keys look further into their direction, so that the film goes the other way; with Shift they are a drag of the window. */
  steer([right, down], isWindow) {
    if (isWindow) this.view.setWindow(draggedWindow(this.view.window, right * WINDOW_STEP, down * WINDOW_STEP));
    else this.view.move(-right * MOVE_STEP, -down * MOVE_STEP);
  }

  showTool() {
    const { canvas, isWhole } = this.view;
    const moves = this.tool === 'move' || this.pointers.isSpaceDown;
    canvas.classList.toggle('moves', moves);
    canvas.style.touchAction = this.tool === 'move' && isWhole ? 'pan-y' : 'none';   // where nothing can be moved, the page scrolls
  }

  /** After each drawing. */
  showNumbers() {
    const { film, window, place, flipped } = this.view;
    const digits = Math.max(0, Math.ceil(-Math.log10(Math.abs(film.slope))));   // as fine as the steps of the film
    const number = (value) => value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    byId('film-numbers').textContent = `Centre ${number(window.centre)} · width ${number(window.width)} · zoom ${Math.round(place.scale * 100)} %${flipped ? ' · inverted' : ''}`;
    byId('invert-film').setAttribute('aria-pressed', String(flipped));
    this.showTool();
  }
}
