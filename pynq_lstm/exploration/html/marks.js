// Marks by the letters that matplotlib has for them, as paths around 0.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  "o": "M-5.5 0A5.5 5.5 0 1 0 5.5 0A5.5 5.5 0 1 0 -5.5 0Z",
  "s": "M-5 -5H5V5H-5Z",
  "^": "M0 -6L6 5H-6Z",
  "v": "M0 7L7 -6H-7Z",
  "D": "M0 -6.5L6.5 0L0 6.5L-6.5 0Z",
  "P": "M-2.5 -7H2.5V-2.5H7V2.5H2.5V7H-2.5V2.5H-7V-2.5H-2.5Z",
  "X": "M-6.5 -3.5L-3.5 -6.5L0 -3L3.5 -6.5L6.5 -3.5L3 0L6.5 3.5L3.5 6.5L0 3L-3.5 6.5L-6.5 3.5L-3 0Z",
  "*": "M0 -8L2 -2.5L7.6 -2.5L3.1 1L4.7 6.5L0 3.2L-4.7 6.5L-3.1 1L-7.6 -2.5L-2 -2.5Z",
  "h": "M0 -6L5.2 -3V3L0 6L-5.2 3V-3Z",
};

function drawn(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Of a point: its classes say colour and filling.
function classes(point, data) {
  const own = data.marks[point.engine].known ? "e-" + point.engine : "e-other";
  return own + (point.how === "measured" ? " measured" : " modelled");
}

function mark(point, data) {
  return drawn("path", { class: "mark", d: SHAPES[data.marks[point.engine].marker] });
}

// A small picture of a mark alone, for the legend and the table.
function swatch(point, data) {
  const made = drawn("svg", { viewBox: "-10 -10 20 20", class: "swatch", "aria-hidden": "true" });
  const group = drawn("g", { class: classes(point, data) });
  group.append(mark(point, data));
  made.append(group);
  return made;
}
