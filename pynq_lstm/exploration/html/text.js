// Elements and texts. What comes from the data goes through textContent, never through markup.

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function number(value) {
  if (value === null || value === undefined) return "\u2013";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e9)) return value.toExponential(2);
  const digits = { maximumSignificantDigits: size >= 1000 ? Math.ceil(Math.log10(size + 1)) : 4 };
  return value.toLocaleString("en", digits);
}

function range(value) {
  if (!Array.isArray(value)) return number(value);
  return value[0] === value[1] ? number(value[0]) : value.map(number).join(" to ");
}

function plain(value) {
  if (Array.isArray(value)) return value.map(plain).join("/");
  if (value && typeof value === "object") {
    return Object.entries(value).map(([key, one]) => key + " " + plain(one)).join("; ");
  }
  if (value === null) return "\u2013";
  return typeof value === "number" ? number(value) : String(value);
}

function options(point) {
  const told = Object.entries(point.options);
  return told.map(([key, value]) => key + " " + plain(value)).join(", ");
}

// A list of terms and what they are.
function terms(pairs) {
  const list = element("dl");
  for (const [term, told] of pairs) list.append(element("dt", term), element("dd", told));
  return list;
}

// The figures that a person asks for first: [name, text].
function figures(point) {
  const found = [
    ["time of a step", number(point.microseconds) + " \u00b5s, " + point.how],
    ["accuracy drop", point.drop === null ? "not validated" : number(point.drop) + " points"],
    ["weight error, MSE", number(point.mse)],
    ["stored", number(point.bytes) + " bytes"],
    ["multiplications", number(point.multiplications) + " a step"],
    ["performance", number(point.gops) + " GOPS of the dense network"],
  ];
  if (point.value !== null) found.splice(1, 0, ["validation", number(point.value)]);
  if (point.cycles !== null) found.push(["cycles of a step", number(point.cycles) + ", " + point.how]);
  if (point.limit !== null) found.push(["limit", point.limit]);
  if (point.energy !== null) found.push(["energy of a step", number(point.energy) + " nJ, modelled"]);
  if (point.intensity !== null) {
    found.push(["operations a byte", number(point.intensity) + " of the board's memory"]);
  }
  return found;
}
