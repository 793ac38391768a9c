// Building page elements. Text from the server or the user only ever becomes text nodes.

/**
 * make('p', {className: 'hint', id: 'x', 'aria-live': 'polite'}, 'text', child, ...) -> element.
 * Names with a dash, `role` and `for` become attributes, the rest are properties; null and false children are left out.
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.includes('-') || name === 'role' || name === 'for') element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function hiddenText(text) {
  return make('span', { className: 'visually-hidden' }, text);
}

/** Clicks, but not the second one of a double click: it would hit what took this button's place. */
export function onSingleClick(button, act) {
  button.addEventListener('click', (event) => {
    if (event.detail < 2) act();
  });
  return button;
}

/** Says something to screen readers without moving the focus. */
export function announce(text) {
  byId('status').textContent = text;
}

/** Shows `text` in the message line of a field, or hides the line when there is none. */
export function setMessage(line, text) {
  line.textContent = text;
  line.hidden = text === '';
}
