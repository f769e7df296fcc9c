// What the marks mean.

function legend(data) {
  const list = document.getElementById("legend");
  const seen = new Set();
  for (const point of data.points) {
    if (seen.has(point.engine)) continue;
    seen.add(point.engine);
    const name = data.marks[point.engine].label + (point.baseline ? " (baseline)" : "");
    list.append(entry(swatch(point, data), name));
  }
  const line = drawn("svg", { viewBox: "-10 -10 20 20", "aria-hidden": "true" });
  line.append(drawn("path", { class: "front", d: "M-10 -5H0V5H10" }));
  list.append(entry(line, "front"));
  for (const how of ["modelled", "measured"]) {
    if (!data.points.some((point) => point.how === how)) continue;
    const sample = drawn("svg", { viewBox: "-10 -10 20 20", "aria-hidden": "true" });
    const group = drawn("g", { class: "e-other " + how });
    group.append(drawn("path", { class: "mark", d: SHAPES.o }));
    sample.append(group);
    list.append(entry(sample, how + (how === "modelled" ? ": open" : ": filled")));
  }
}

function entry(picture, name) {
  const made = element("li");
  made.append(picture, element("span", name));
  return made;
}
