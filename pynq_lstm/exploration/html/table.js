// All points as a table that any column sorts; a row is chosen like its point.

const COLUMNS = [
  ["engine", (point, data) => data.marks[point.engine].label],
  ["remark", (point, data) => remark(point, data)],
  ["options", (point) => options(point)],
  ["time, \u00b5s", (point) => point.microseconds],
  ["how", (point) => point.how],
  ["drop, points", (point) => point.drop],
  ["MSE", (point) => point.mse],
  ["bytes", (point) => point.bytes],
  ["cycles", (point) => point.cycles],
  ["limit", (point) => point.limit],
  ["DSP", (point) => most(point.resources.dsp)],
  ["BRAM", (point) => most(point.resources.bram36)],
  ["URAM", (point) => most(point.resources.uram)],
  ["LUT, most", (point) => most(point.resources.lut)],
  ["nJ", (point) => point.energy],
  ["GOPS", (point) => point.gops],
];
const OPTIONS = 2, TIME = 3;

function most(used) {
  return used === undefined ? null : Array.isArray(used) ? used[used.length - 1] : used;
}

function remark(point, data) {
  if (point.index === data.best) return "best";
  if (point.baseline) return "baseline";
  return data.front.includes(point.index) ? "front" : null;
}

function pointTable(data, choose) {
  const rows = new Map(data.points.map((point) => [point.index, oneRow(point, data)]));
  const body = element("tbody");
  const head = element("tr");
  const titles = COLUMNS.map(([title], column) => {
    const cell = element("th");
    const button = element("button", title);
    cell.scope = "col";
    button.type = "button";
    button.addEventListener("click", () => {
      sort(column, cell.getAttribute("aria-sort") !== "ascending");
    });
    cell.append(button);
    return cell;
  });

  function sort(column, ascending) {
    const value = (point) => COLUMNS[column][1](point, data);
    const ordered = [...data.points].sort((a, b) => compare(value(a), value(b), ascending));
    body.append(...ordered.map((point) => rows.get(point.index)));
    titles.forEach((cell, n) => {
      if (n === column) cell.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      else cell.removeAttribute("aria-sort");
    });
  }

  head.append(...titles);
  const top = element("thead");
  top.append(head);
  body.addEventListener("click", (event) => {
    const row = event.target.closest("[data-index]");
    if (row) choose(Number(row.dataset.index), false);
  });
  sort(TIME, true);
  document.getElementById("table").append(top, body);
  return function show(index) {
    for (const [n, row] of rows) row.setAttribute("aria-selected", String(n === index));
  };
}

function oneRow(point, data) {
  const row = element("tr");
  row.dataset.index = point.index;
  COLUMNS.forEach(([, value], column) => {
    const told = value(point, data);
    const numeric = typeof told === "number" || (told === null && column >= TIME);
    const cell = element("td", undefined, numeric ? "number" : "word");
    if (column === 0) {
      const button = element("button", told); // so that keys reach the row
      button.type = "button";
      cell.append(swatch(point, data), button);
    } else {
      if (column === OPTIONS) {
        cell.className = "options";
        cell.title = told; // where it is longer than its column
      }
      cell.textContent = numeric ? number(told) : told;  // null is no text
    }
    row.append(cell);
  });
  return row;
}

// What is not known comes last, whichever way the column is sorted.
function compare(a, b, ascending) {
  if (a === null || b === null) return (a === null) - (b === null);
  const order = typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  return ascending ? order : -order;
}
