// The film on its canvas: window, place and overlay are set, drawing follows with the next frame of the screen.
import { fitted, inNewBox, isWhole, moved, zoomed } from './film_place.js';
import { LEVELS, boundedWindow, fillLookupTable, fullRange } from './window_levels.js';

export class FilmView {
  /** `onChange` is called whenever what is shown has changed. */
  constructor(canvas, onChange) {
    Object.assign(this, { canvas, onChange, film: null, heatMap: null, strength: 0, asked: 0 });
    this.context = canvas.getContext('2d', { alpha: false });
    this.table = new Uint32Array(LEVELS);
    this.picture = document.createElement('canvas');   // the film in grey levels, pixel for pixel
    new ResizeObserver(() => this.fitBox()).observe(canvas);
  }

  /** `film` as of filmOf(); `heatMap` a bitmap over the whole of it, or null. Both are this view's from now on. */
  show(film, heatMap) {
    this.clear();
    Object.assign(this, { film, heatMap, full: fullRange(film) });
    this.widest = film.window.width > this.full.width ? film.window : this.full;
    Object.assign(this.picture, { width: film.width, height: film.height });
    this.image = new ImageData(film.width, film.height);
    this.fitBox();
    this.reset();
  }

  clear() {
    this.heatMap?.close();
    Object.assign(this, { film: null, heatMap: null, image: null, box: null, strength: 0 });
    Object.assign(this.picture, { width: 1, height: 1 });
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  reset() {
    this.flipped = false;
    this.place = fitted(this.film, this.box);
    this.setWindow(this.film.window);
  }

  setWindow(window) {
    this.window = boundedWindow(window, this.widest, this.film.slope);
    this.isGreyOld = true;
    this.draw();
  }

  setPlace(place) {
    this.place = place;
    this.draw();
  }

  zoom(factor, point = { x: this.box.width / 2, y: this.box.height / 2 }) {
    this.setPlace(zoomed(this.place, factor, point, this.film, this.box));
  }

  move(x, y) {
    this.setPlace(moved(this.place, x, y, this.film, this.box));
  }

  invert() {
    this.flipped = !this.flipped;
    this.setWindow(this.window);
  }

  /** Of the heat map, 0 to 1. */
  setStrength(strength) {
    this.strength = strength;
    this.draw();
  }

  get isWhole() {
    return this.film === null || isWhole(this.place, this.film, this.box);
  }

  /** After the canvas got another size on the page. */
  fitBox() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!this.film || width === 0 || height === 0) return;
    const before = this.box;
    this.box = { width, height };
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    if (!before) return;
    this.place = inNewBox(this.place, this.film, before, this.box);
    cancelAnimationFrame(this.asked);
    this.paint();   // at once: a canvas of a new size is empty
  }

  draw() {
    cancelAnimationFrame(this.asked);
    this.asked = requestAnimationFrame(() => this.paint());
  }

  paint() {
    if (!this.film) return;
    if (this.isGreyOld) this.fillPicture();
    const { context, canvas, film, place: { scale, x, y } } = this;
    const zoom = canvas.width / this.box.width;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(zoom, 0, 0, zoom, 0, 0);
    context.imageSmoothingQuality = 'medium';
    context.drawImage(this.picture, x, y, scale * film.width, scale * film.height);
    if (this.heatMap && this.strength > 0) {
      context.globalAlpha = this.strength;
      context.drawImage(this.heatMap, x, y, scale * film.width, scale * film.height);
      context.globalAlpha = 1;
    }
    this.onChange();
  }

  fillPicture() {
    const { film, table, film: { values } } = this;
    fillLookupTable(table, this.window, film, film.inverted !== this.flipped);
    const pixels = new Uint32Array(this.image.data.buffer);
    for (let position = 0; position < pixels.length; position += 1) pixels[position] = table[values[position]];
    this.picture.getContext('2d', { alpha: false }).putImageData(this.image, 0, 0);
    this.isGreyOld = false;
  }
}
