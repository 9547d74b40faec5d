// Draws what a job reported, and goes on while it runs. Beside it the same stands as a table: nothing is told here alone.

(() => {
  const place = document.getElementById("curves");
  const EVERY = 2000; // milliseconds between two looks
  const TOGETHER = [["loss", "validation_loss"]]; // what shares one axis
  const HIDDEN = ["seconds_left", "peak_memory"];
  const HEIGHT = 240;
  const charts = new Map();
  let drawn = 0;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const words = (name) => name.replaceAll("_", " ");

  function groups(points) {
    const names = new Set(points.flatMap((point) => Object.keys(point.values)));
    HIDDEN.forEach((name) => names.delete(name));
    const together = TOGETHER.map((group) => group.filter((name) => names.has(name))).filter((group) => group.length);
    const rest = [...names].filter((name) => !together.flat().includes(name)).map((name) => [name]);
    return [...together, ...rest];
  }

  function options(group) {
    const strokes = [colour("--accent"), colour("--verse")];
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    return {
      width: place.clientWidth,
      height: HEIGHT,
      scales: { x: { time: false } },
      axes: [{ ...axis, size: 34 }, { ...axis, size: 58 }],
      legend: { live: true },
      series: [
        { label: "done" },
        ...group.map((name, index) => ({
          label: words(name),
          stroke: strokes[index],
          width: 2,
          dash: index ? [6, 4] : undefined,
          spanGaps: true,
          points: { show: index > 0 },
          value: (_, value) => (value == null ? "" : value.toPrecision(4)),
        })),
      ],
    };
  }

  function draw(points) {
    for (const group of groups(points)) {
      const key = group[0];
      const data = [points.map((point) => point.done), ...group.map((name) => points.map((point) => point.values[name] ?? null))];
      const known = charts.get(key);
      if (known && known.group.length === group.length) {
        known.chart.setData(data);
        continue;
      }
      const figure = known?.figure ?? document.createElement("figure");
      known?.chart.destroy();
      if (!known) {
        figure.append(Object.assign(document.createElement("figcaption"), { textContent: group.map(words).join(" and ") }));
        place.append(figure);
      }
      figure.firstChild.textContent = group.map(words).join(" and ");
      charts.set(key, { group, figure, chart: new uPlot(options(group), data, figure) });
    }
  }

  async function look() {
    let live = true;
    try {
      const answer = await fetch(place.dataset.from);
      if (!answer.ok) return;
      const told = await answer.json();
      live = told.live;
      last = told.points;
      const moved = `${last.length} ${last.at(-1)?.at}`;
      if (last.length && moved !== drawn) draw(last);
      drawn = moved;
    } catch {
      // The program was stopped, perhaps to be started again: the curve stays as it was.
    }
    if (live) setTimeout(look, EVERY);
  }

  function anew() {
    for (const { chart, figure } of charts.values()) {
      chart.destroy();
      figure.remove();
    }
    charts.clear();
    draw(last);
  }

  let last = [];
  addEventListener("resize", () => charts.forEach(({ chart }) => chart.setSize({ width: place.clientWidth, height: HEIGHT })));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
  look();
})();
