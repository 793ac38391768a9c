// Redoc loads its maker's logo from another host. The content security policy stops that, but the browser reports each
// attempt; so pictures from elsewhere are never asked for in the first place.
const pictures = HTMLImageElement.prototype;
const setAttribute = Element.prototype.setAttribute;
const source = Object.getOwnPropertyDescriptor(pictures, 'src');

const isOurs = (address) => {
  const url = new URL(address, document.baseURI);
  return url.protocol === 'data:' || url.origin === window.location.origin;
};

pictures.setAttribute = function setOwnAttribute(name, value) {
  if (name.toLowerCase() !== 'src' || isOurs(value)) setAttribute.call(this, name, value);
  else this.hidden = true;
};

Object.defineProperty(pictures, 'src', {
  ...source,
  set(value) {
    if (isOurs(value)) source.set.call(this, value);
    else this.hidden = true;
  },
});
