// Millimetres on a page as it is displayed: snapping, and how they are written.

const NEAR = 1.5; // mm within which a seal is drawn to a line

export function rounded(value) {
  return Math.round(value * 10) / 10 + 0;
}

export function written(value) {
  return rounded(value).toFixed(1);
}

// Returns where a box snaps to, and the lines that drew it there.
export function snapped(box, frame, others, step) {
  const lines = { x: candidates(frame.width, others, "x", "width"), y: candidates(frame.height, others, "y", "height") };
  const across = nearest(box.x, box.width, lines.x, step);
  const down = nearest(box.y, box.height, lines.y, step);
  return {
    box: { ...box, x: across.at, y: down.at },
    guides: [
      ...(across.line === null ? [] : [{ vertical: true, at: across.line }]),
      ...(down.line === null ? [] : [{ vertical: false, at: down.line }]),
    ],
  };
}

function candidates(extent, others, axis, size) {
  const lines = [0, extent / 2, extent];
  for (const other of others) {
    lines.push(other[axis], other[axis] + other[size] / 2, other[axis] + other[size]);
  }
  return lines;
}

// A line may meet the seal's near side, its middle or its far side.
function nearest(at, extent, lines, step) {
  let best = { away: NEAR, at: null, line: null };
  for (const line of lines) {
    for (const part of [0, extent / 2, extent]) {
      const away = Math.abs(at + part - line);
      if (away < best.away) best = { away, at: line - part, line };
    }
  }
  if (best.at !== null) return best;
  return { at: step ? Math.round(at / step) * step : rounded(at), line: null };
}

export function within(box, frame) {
  return {
    ...box,
    x: Math.min(Math.max(box.x, 0), Math.max(0, frame.width - box.width)),
    y: Math.min(Math.max(box.y, 0), Math.max(0, frame.height - box.height)),
  };
}

const LEAST = 5; // mm across or down, below which nothing would be seen of a seal

export function steps(value, step) {
  return step ? Math.round(value / step) * step : rounded(value);
}

export function isWhole(mark) {
  const { left, top, right, bottom } = mark.part;
  return left === 0 && top === 0 && right === 1 && bottom === 1;
}

// The extent of the upright box around a rectangle that is turned by degrees.
function turnedExtent(width, height, rotation) {
  const turn = (rotation * Math.PI) / 180;
  const [cosine, sine] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  return [width * cosine + height * sine, width * sine + height * cosine];
}

// Returns a whole mark in another size or turned, its centre (or upper left corner) where it was.
export function resized(mark, frame, wanted, fixed = "centre") {
  const ratio = mark.seal_width / mark.seal_height;
  const rotation = wanted.rotation ?? mark.rotation;
  const [across, down] = turnedExtent(1, 1 / ratio, rotation);
  const most = Math.floor(Math.min(frame.width / across, frame.height / down) * 10) / 10;
  const least = Math.min(most, Math.ceil(LEAST * Math.max(1, ratio) * 10) / 10);
  const width = Math.min(Math.max(wanted.seal_width ?? mark.seal_width, least), most);
  const box = { x: mark.x, y: mark.y, width: across * width, height: down * width };
  if (fixed === "centre") {
    box.x += (mark.width - box.width) / 2;
    box.y += (mark.height - box.height) / 2;
  }
  return { ...mark, ...within(box, frame), seal_width: width, seal_height: width / ratio, rotation };
}

// What a mark that was moved, resized or turned is to be.
export function boxOf(mark) {
  return { x: mark.x, y: mark.y, width: mark.width, height: mark.height };
}

export function sizeOf(mark, before) {
  const same = mark.seal_width === before.seal_width && mark.rotation === before.rotation;
  return same ? {} : { seal_width: mark.seal_width, rotation: mark.rotation };
}
