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
