// Scales: from a value to a place of the picture, with ticks that people read.

const MOST_TICKS = 9;

function scale(forward, low, high, from, to, ticks) {
  const span = forward(high) - forward(low) || 1;
  const place = (value) => from + ((forward(value) - forward(low)) / span) * (to - from);
  return { place, ticks: ticks.filter((tick) => tick >= low && tick <= high) };
}

// Logarithmic, of positive values, with a margin at both ends.
function logarithmic(values, from, to) {
  const room = 0.05 * Math.max(Math.log10(Math.max(...values) / Math.min(...values)), 1);
  const low = Math.min(...values) / 10 ** room;
  const high = Math.max(...values) * 10 ** room;
  return scale(Math.log10, low, high, from, to, roundNumbers(low, high));
}

function roundNumbers(low, high) {
  const choices = [[1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]];
  let found = [];
  for (const steps of choices) {
    found = [];
    for (let d = Math.floor(Math.log10(low)); d <= Math.log10(high); d++) {
      found.push(...steps.map((step) => Number(step + "e" + d)));
    }
    found = found.filter((tick) => tick >= low && tick <= high);
    if (found.length <= MOST_TICKS) return found.length > 3 ? found : multiples(low, high);
  }
  const every = Math.ceil(found.length / MOST_TICKS);
  return found.filter((tick) => Math.round(Math.log10(tick)) % every === 0);
}

// Of one round number, for a range that is too narrow for others.
function multiples(low, high) {
  const finest = 10 ** Math.floor(Math.log10((high - low) / MOST_TICKS));
  const fits = (steps) => (high - low) / (steps * finest) < MOST_TICKS - 1;
  const step = [1, 2, 5, 10, 20].find(fits) * finest;
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) found.push(n * step);
  return found;
}

// Of drops: linear up to a point, where the good models are, logarithmic beyond.
function ofDrops(values, from, to) {
  const forward = (v) => (Math.abs(v) <= 1 ? v : Math.sign(v) * (1 + Math.log10(Math.abs(v))));
  const low = 1.3 * Math.min(0, ...values) - 0.15;
  const high = 1.3 * Math.max(1, ...values);
  const above = [0.5, 1, 2, 5, 10, 20, 50, 100];
  const ticks = [...above.map((tick) => -tick).reverse(), 0, ...above];
  return scale(forward, low, high, from, to, ticks);
}
