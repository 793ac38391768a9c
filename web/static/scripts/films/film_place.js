// Where the film lies in its box: {scale, x, y}, so that pixel (u, v) of the film is at (x + scale * u, y + scale * v) of the box.
// `film` and `box` are {width, height}. The film is never smaller than the whole box shows it, and the middle of the box always lies on it.

const CLOSEST = 16;   // times the size that shows the whole film

export function fitted(film, box) {
  const scale = Math.min(box.width / film.width, box.height / film.height);
  return { scale, x: (box.width - scale * film.width) / 2, y: (box.height - scale * film.height) / 2 };
}

/** `factor` times as large, and what was at `point` of the box stays there. */
export function zoomed(place, factor, point, film, box) {
  const least = fitted(film, box).scale;
  const scale = Math.min(CLOSEST * least, Math.max(least, place.scale * factor));
  const stays = (from, at) => at - ((at - from) * scale) / place.scale;
  return bounded({ scale, x: stays(place.x, point.x), y: stays(place.y, point.y) }, film, box);
}

export function moved(place, x, y, film, box) {
  return bounded({ ...place, x: place.x + x, y: place.y + y }, film, box);
}

/** The same part of the film in the middle when the box has another size. */
export function inNewBox(place, film, before, box) {
  const scale = (place.scale * fitted(film, box).scale) / fitted(film, before).scale;
  const middle = (from, had, has) => has / 2 - ((had / 2 - from) * scale) / place.scale;
  return bounded({ scale, x: middle(place.x, before.width, box.width), y: middle(place.y, before.height, box.height) }, film, box);
}

export const isWhole = (place, film, box) => place.scale <= fitted(film, box).scale * 1.0001;

function bounded(place, film, box) {
  if (isWhole(place, film, box)) return fitted(film, box);
  const within = (from, length, has) => Math.min(has / 2, Math.max(has / 2 - place.scale * length, from));
  return { scale: place.scale, x: within(place.x, film.width, box.width), y: within(place.y, film.height, box.height) };
}
