// What is seen of a point that is hovered or has the focus.

function showTooltip(point, drawing, data) {
  const tip = document.getElementById("tooltip");
  const told = terms(figures(point).slice(0, 6));
  const title = data.marks[point.engine].label + (point.baseline ? ", baseline" : "");
  tip.replaceChildren(element("strong", title), element("div", options(point), "quiet"), told);
  tip.hidden = false;
  const picture = document.getElementById("picture").getBoundingClientRect();
  const place = drawing.querySelector(".mark").getBoundingClientRect();
  const right = place.right - picture.left + 10;
  const fits = right + tip.offsetWidth <= picture.width;
  const left = place.left - picture.left - tip.offsetWidth - 10;
  tip.style.left = Math.max(fits ? right : left, 0) + "px";
  tip.style.top = place.bottom - picture.top + 8 + "px";
}

function hideTooltip() {
  document.getElementById("tooltip").hidden = true;
}
