// Reads the data, draws all, and keeps the parts showing the same point. "#p3" chooses point 3.

const data = JSON.parse(document.getElementById("data").textContent);
let current = null;

function choose(index, focus) {
  showPoint(index, focus);
  showRow(index);
  if (index === current) return;
  current = index;
  details(data.points[index], data);
  history.replaceState(null, "", "#p" + index);
}

function fromAddress() {
  const asked = /^#p(\d+)$/.exec(location.hash);
  const index = asked ? Number(asked[1]) : data.best;
  choose(index < data.points.length ? index : data.best, false);
}

function summary() {
  const told = [`${data.candidates} points evaluated`];
  for (const [reason, count] of Object.entries(data.left_out)) {
    if (count) told.push(`${number(count)} left out by ${reason}`);
  }
  if (data.float_value !== null) told.push(`float network: ${number(data.float_value)}`);
  return told.join(", ");
}

document.getElementById("title").textContent = "Exploration for " + data.device;
document.getElementById("asked").textContent = data.asked;
document.getElementById("summary").textContent = summary();
const showPoint = scatter(data, choose);
const showRow = pointTable(data, choose);
legend(data);
fromAddress();
window.addEventListener("hashchange", fromAddress);
