// Renewing a part of the page without moving what the reader looks at.

function scrollerOf(element) {
  for (let box = element.parentElement; box; box = box.parentElement)
    if (/auto|scroll/.test(getComputedStyle(box).overflowY) && box.scrollHeight > box.clientHeight) return box;
  return document.scrollingElement;
}

/** Makes `change` and scrolls so that `element`, which must outlive it, stays where it is on the screen. */
export function keepPlace(element, change) {
  if (!element.isConnected) {
    change();
    return;
  }
  const top = element.getBoundingClientRect().top;
  change();
  scrollerOf(element).scrollTop += element.getBoundingClientRect().top - top;
}

/** Makes `change`; each <details data-part="..."> that was there before is open or closed as it was. */
export function keepOpen(container, change) {
  const states = new Map([...container.querySelectorAll('details[data-part]')].map((part) => [part.dataset.part, part.open]));
  change();
  for (const part of container.querySelectorAll('details[data-part]')) part.open = states.get(part.dataset.part) ?? part.open;
}
