type Point = readonly [x: number, y: number | null];

/**
 * At most about `limit` points of a curve that look like all of them: of every stretch the lowest and the highest one
 * stay, so that no peak is lost. The first and the last point stay too.
 */
export function thinOut(points: readonly Point[], limit = 600): readonly Point[] {
  if (points.length <= limit) return points;
  const stretches = Math.max(1, Math.floor((limit - 2) / 2));
  const length = (points.length - 2) / stretches;
  const kept: Point[] = points.slice(0, 1);
  for (let number = 0; number < stretches; number++) {
    const stretch = points.slice(1 + Math.floor(number * length), 1 + Math.floor((number + 1) * length));
    const measured = stretch.filter(([, y]) => y !== null);
    const [lowest, highest] = extremes(measured.length > 0 ? measured : stretch.slice(0, 1));
    kept.push(...stretch.filter((point) => point === lowest || point === highest));
  }
  return [...kept, ...points.slice(-1)];
}

function extremes(points: readonly Point[]): readonly [Point | undefined, Point | undefined] {
  let [lowest] = points;
  let highest = lowest;
  for (const point of points) {
    if (Number(point[1]) < Number(lowest?.[1])) lowest = point;
    if (Number(point[1]) > Number(highest?.[1])) highest = point;
  }
  return [lowest, highest];
}
