// All that is known of the point that is chosen.

const KINDS = {
  dsp: "DSP", bram36: "BRAM", uram: "URAM", memory_bits: "bits in them",
  lutram: "LUTRAM", lut: "LUT", ff: "FF",
};

function details(point, data) {
  const pane = document.getElementById("chosen");
  const label = data.marks[point.engine].label;
  const place = point.index === data.best ? ", the best" : point.baseline ? ", a baseline" : "";
  const parts = [element("h3", label + place), terms(figures(point))];
  parts.push(...titled("Options", table(point.options)));
  if (Object.keys(point.stages).length) {
    const whole = point.cycles === null ? Math.max(...Object.values(point.stages)) : point.cycles;
    const rows = Object.entries(point.stages).map(([name, cycles]) =>
      bar(name, cycles / whole, cycles / whole, number(cycles)));
    parts.push(...titled("Cycles of a step by part, modelled", bars(rows)));
  }
  if (Object.keys(point.resources).length) {
    parts.push(...titled("Resources, modelled", bars(resources(point, data))));
  }
  if (point.design) parts.push(...titled("Design", table(point.design)));
  pane.replaceChildren(...parts);
}

function titled(title, content) {
  return content ? [element("h3", title), content] : [];
}

function table(values) {
  const pairs = Object.entries(values);
  return pairs.length ? terms(pairs.map(([key, value]) => [key, plain(value)])) : null;
}

function resources(point, data) {
  return Object.entries(point.resources).map(([kind, used]) => {
    const whole = data.available && data.available[kind];
    const [least, most] = Array.isArray(used) ? used : [used, used];
    const told = whole ? `${range(used)} of ${number(whole)}` : range(used);
    return bar(KINDS[kind] || kind, whole ? least / whole : 0, whole ? most / whole : 0, told);
  });
}

function bar(name, least, most, told) {
  const width = (share) => Math.min(100 * share, 100) + "%";
  const track = element("div", undefined, "track");
  for (const [share, className] of [[most, "most"], [least, "least"]]) {
    const part = element("i", undefined, className);
    part.style.width = width(share);
    track.append(part);
  }
  const row = element("div", undefined, most > 1 + 1e-9 ? "over" : "");
  row.style.display = "contents";
  row.append(element("span", name), track, element("span", told, "figure"));
  return row;
}

function bars(rows) {
  const made = element("div", undefined, "bars");
  made.append(...rows);
  return made;
}
