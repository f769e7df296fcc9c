// Time against drop: axes, the front, the points, and what is seen when one is hovered.

const WIDTH = 760, HEIGHT = 460;
const BOX = { left: 78, right: WIDTH - 16, top: 12, bottom: HEIGHT - 52 };

function scatter(data, choose) {
  const placed = (value) => value !== null && (data.height === "drop" || value > 0);
  const shown = data.points.filter((point) => placed(point[data.height]));
  const heights = shown.map((point) => point[data.height]);
  const x = logarithmic(shown.map((point) => point.microseconds), BOX.left, BOX.right);
  const down = data.height === "drop" ? ofDrops : logarithmic;
  const y = down(heights, BOX.bottom, BOX.top);
  const at = (point) => [x.place(point.microseconds), y.place(point[data.height])];

  const picture = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
  picture.append(axes(x, y, data));
  for (const curve of data.curves) {
    picture.append(polyline(steps(curve.map((n) => at(data.points[n]))), "curve"));
  }
  picture.append(polyline(steps(data.front.map((n) => at(data.points[n]))), "front"));
  const best = shown.find((point) => point.index === data.best);
  if (best) picture.append(besideBest(at(best))); // below the points, so that it hides none
  const group = drawn("g", { role: "radiogroup", "aria-label": "Points, by time" });
  // the order of the keys is that of time, and later ones lie above
  const ordered = [...shown].sort((a, b) => a.microseconds - b.microseconds);
  const drawings = new Map(ordered.map((point) => [point.index, onePoint(point, at(point), data)]));
  group.append(...drawings.values());
  picture.append(group);
  const frame = document.getElementById("scatter");
  frame.append(picture);
  // not to the group: an element of SVG that listens for the focus would take it
  listen(frame, data, ordered, drawings, choose);

  return function show(index, focus) {
    const chosen = drawings.has(index) ? index : ordered[0].index;
    for (const [n, own] of drawings) {
      own.setAttribute("aria-checked", String(n === index));
      own.setAttribute("tabindex", n === chosen ? "0" : "-1");
    }
    if (focus && drawings.has(index)) drawings.get(index).focus({ preventScroll: true });
  };
}

function axes(x, y, data) {
  const group = drawn("g", { "aria-hidden": "true" });
  const size = { x: BOX.left, y: BOX.top, width: BOX.right - BOX.left, height: BOX.bottom - BOX.top };
  for (const tick of x.ticks) {
    const place = x.place(tick);
    group.append(drawn("path", { class: "grid", d: `M${place} ${BOX.top}V${BOX.bottom}` }));
    const under = { x: place, y: BOX.bottom + 18, "text-anchor": "middle" };
    group.append(drawn("text", under, number(tick)));
  }
  for (const tick of y.ticks) {
    const place = y.place(tick);
    group.append(drawn("path", { class: "grid", d: `M${BOX.left} ${place}H${BOX.right}` }));
    const beside = { x: BOX.left - 8, y: place + 4, "text-anchor": "end" };
    group.append(drawn("text", beside, number(tick)));
  }
  group.append(drawn("rect", { class: "frame", ...size }));
  const middle = (BOX.top + BOX.bottom) / 2;
  const across = { x: (BOX.left + BOX.right) / 2, y: HEIGHT - 10, "text-anchor": "middle" };
  const along = { transform: `translate(16 ${middle}) rotate(-90)`, "text-anchor": "middle" };
  group.append(drawn("text", across, data.labels.x), drawn("text", along, data.labels.y));
  return group;
}

function polyline(places, className) {
  return drawn("polyline", { class: className, points: places.map((p) => p.join(",")).join(" ") });
}

// From corner to corner of a front: along, then down.
function steps(places) {
  return places.flatMap((place, n) => (n ? [[place[0], places[n - 1][1]], place] : [place]));
}

function besideBest(place) {
  const where = { x: place[0] + 13, y: place[1] - 9, "font-weight": "bold", "aria-hidden": "true" };
  return drawn("text", where, "best");
}

function onePoint(point, place, data) {
  const best = point.index === data.best;
  const made = drawn("g", {
    class: "point " + classes(point, data) + (best ? " best" : ""),
    transform: `translate(${place.join(" ")})`,
    role: "radio",
    "aria-label": spoken(point, data) + (best ? ", best" : ""),
    "data-index": point.index,
  });
  made.append(drawn("circle", { class: "target", r: 9 }), drawn("circle", { class: "ring", r: 11 }));
  made.append(mark(point, data));
  return made;
}

function spoken(point, data) {
  const drop = point.drop === null ? "" : `, drop ${number(point.drop)} points`;
  const time = `${number(point.microseconds)} microseconds ${point.how}`;
  return `${data.marks[point.engine].label}, ${time}${drop}`;
}

function listen(frame, data, ordered, drawings, choose) {
  const pointOf = (event) => {
    const own = event.target.closest("[data-index]");
    return own && data.points[Number(own.dataset.index)];
  };
  const show = (event) => {
    const point = pointOf(event);
    if (point) showTooltip(point, drawings.get(point.index), data);
  };
  frame.addEventListener("pointerover", show);
  frame.addEventListener("pointerout", hideTooltip);
  frame.addEventListener("focusin", show);
  frame.addEventListener("focusout", hideTooltip);
  frame.addEventListener("click", (event) => {
    const point = pointOf(event);
    if (point) choose(point.index, true);
  });
  frame.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return hideTooltip();
    const place = ordered.indexOf(pointOf(event));
    if (place < 0) return undefined;
    const last = ordered.length - 1;
    const to = {
      ArrowRight: Math.min(place + 1, last), ArrowDown: Math.min(place + 1, last),
      ArrowLeft: Math.max(place - 1, 0), ArrowUp: Math.max(place - 1, 0),
      Home: 0, End: last, Enter: place, " ": place,
    }[event.key];
    if (to === undefined) return undefined;
    event.preventDefault();
    return choose(ordered[to].index, true);
  });
}
