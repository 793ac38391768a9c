// Mouse, pen and fingers on the film: one drags the window or the film, two zoom and move it, the wheel zooms.
import { draggedWindow } from './window_levels.js';

const ZOOM_PER_WHEEL_PIXEL = 1 / 400;   // of the exponent of two
const PIXELS_PER_LINE = 32;
const PINCH_FACTOR = 4;                 // a pinch on a touchpad comes as small turns of the wheel with Ctrl
const MIDDLE_BUTTON = 1;

export class FilmPointers {
  /** `tool()` says what one pointer drags: "window" or "move". */
  constructor(view, tool) {
    Object.assign(this, { view, tool, down: new Map(), drag: null, isSpaceDown: false });
    const listen = (type, act, options) => view.canvas.addEventListener(type, (event) => view.film && act.call(this, event), options);
    listen('pointerdown', this.press);
    listen('pointermove', this.follow);
    for (const type of ['pointerup', 'pointercancel']) listen(type, this.release);
    listen('wheel', this.wheel, { passive: false });
    listen('dblclick', () => view.setWindow(view.film.window));
    view.canvas.addEventListener('mousedown', (event) => { if (event.button === MIDDLE_BUTTON) event.preventDefault(); });   // no scrolling by it
  }

  /** What was pressed belongs to a film that is gone. */
  forget() {
    this.down.clear();
    this.drag = null;
  }

  pointOf(event) {
    const box = this.view.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  press(event) {
    if (event.button > MIDDLE_BUTTON) return;
    this.view.canvas.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, this.pointOf(event));
    const moves = event.button === MIDDLE_BUTTON || this.isSpaceDown || this.tool() === 'move';
    this.drag = { moves, from: this.pointOf(event), window: this.view.window };
  }

  follow(event) {
    const before = this.down.get(event.pointerId);
    if (!before) return;
    const now = this.pointOf(event);
    if (this.down.size > 1) this.pinch(event.pointerId, before, now);
    else if (this.drag?.moves) this.view.move(now.x - before.x, now.y - before.y);
    else if (this.drag) this.view.setWindow(draggedWindow(this.drag.window, now.x - this.drag.from.x, now.y - this.drag.from.y));
    this.down.set(event.pointerId, now);
  }

  pinch(moving, before, now) {
    const other = [...this.down].find(([id]) => id !== moving)[1];
    const apart = (point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
    const between = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    this.view.zoom(apart(now) / apart(before), between);
    this.view.move((now.x - before.x) / 2, (now.y - before.y) / 2);
  }

  release(event) {
    this.down.delete(event.pointerId);
    this.drag = null;   // after a pinch the finger that stays drags nothing
  }

  wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * PIXELS_PER_LINE;
    const turn = event.ctrlKey ? pixels * PINCH_FACTOR : pixels;
    this.view.zoom(2 ** (-turn * ZOOM_PER_WHEEL_PIXEL), this.pointOf(event));
  }
}
