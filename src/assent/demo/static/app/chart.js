// A line chart of measurements over years: an SVG with axes, a legend told apart by shape and dash as well as colour,
// and the same numbers as a table.

import { h, svg, table } from "../dom.js";
import { dayOf } from "./records.js";

const HEIGHT = 200;
const EDGE = { top: 22, right: 12, bottom: 36, left: 44 };
const YEAR = 365.25 * 24 * 3600 * 1000;
const number = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

/** Steps of 1, 2 or 5 times a power of ten that cover low to high in about `count` intervals. */
export function ticks(low, high, count = 4) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const first = Math.floor(low / step) * step;
  const marks = [];
  for (let mark = first; marks.length < 2 || marks.at(-1) < high; mark += step) marks.push(Number(mark.toFixed(6)));
  return marks;
}

/** The starts of years between two instants, every so many that they fit; months' starts when there is less than two years. */
export function timeTicks(from, to, width) {
  const room = Math.max(2, Math.floor(width / 64));
  const first = new Date(from);
  if (to - from > 2 * YEAR) {
    const every = Math.ceil((to - from) / YEAR / room);
    const years = [];
    for (let year = first.getFullYear() + 1; Date.UTC(year, 0) <= to; year += every) years.push({ time: Date.UTC(year, 0), text: String(year) });
    return years;
  }
  const months = Math.max(1, Math.ceil(((to - from) / YEAR) * 12 / room));
  const marks = [];
  for (let month = first.getMonth() + 1; ; month += months) {
    const time = Date.UTC(first.getFullYear(), month);
    if (time > to) return marks;
    marks.push({ time, text: new Date(time).toLocaleDateString("en-GB", { month: "short", year: "2-digit", timeZone: "UTC" }) });
  }
}

/** A figure for one chart of `chartsOf`; redraws itself when its width changes. */
export function figureOf(chart) {
  const drawing = h("div", { class: "drawing" });
  const figure = h("figure", { class: "vital", "data-code": chart.code },
    h("figcaption", {}, h("h3", {}, chart.title), h("p", { class: "latest" }, "latest ", h("b", {}, latestOf(chart)), ` ${chart.unit}, ${dayText(lastTime(chart))}`)),
    drawing,
    chart.series.length > 1 ? legendOf(chart) : null,
    h("details", {}, h("summary", {}, `All ${rowsOf(chart).length} measurements as a table`),
      h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `${chart.title}, table` }, tableOf(chart))));
  let drawn = 0;
  new ResizeObserver(([{ contentRect }]) => {
    const width = Math.round(contentRect.width);
    if (width > 0 && width !== drawn) drawing.replaceChildren(draw(chart, drawn = width));
  }).observe(drawing);
  return figure;
}

const dayText = (time) => dayOf(new Date(time).toISOString());
const lastTime = (chart) => Math.max(...chart.series.map(({ points }) => points.at(-1).time));
const latestOf = (chart) => chart.series.map(({ points }) => number.format(points.at(-1).value)).join("/");

function draw(chart, width) {
  const points = chart.series.flatMap((series) => series.points);
  const values = points.map(({ value }) => value);
  const times = points.map(({ time }) => time);
  const yMarks = ticks(Math.min(...values), Math.max(...values));
  const pad = Math.max((Math.max(...times) - Math.min(...times)) * 0.02, 24 * 3600 * 1000);
  const [from, to] = [Math.min(...times) - pad, Math.max(...times) + pad];
  const x = (time) => EDGE.left + ((time - from) / (to - from)) * (width - EDGE.left - EDGE.right);
  const y = (value) => HEIGHT - EDGE.bottom - ((value - yMarks[0]) / (yMarks.at(-1) - yMarks[0])) * (HEIGHT - EDGE.top - EDGE.bottom);
  const range = `from ${dayText(Math.min(...times))} to ${dayText(Math.max(...times))}`;
  return svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
    "aria-label": `${chart.title}: ${rowsOf(chart).length} measurements ${range}; latest ${latestOf(chart)} ${chart.unit}` },
    yMarks.map((mark) => svg("g", {},
      svg("line", { class: "grid-line", x1: EDGE.left, x2: width - EDGE.right, y1: y(mark), y2: y(mark) }),
      svg("text", { class: "axis-text", x: EDGE.left - 8, y: y(mark) + 4, "text-anchor": "end" }, number.format(mark)))),
    svg("line", { class: "axis-line", x1: EDGE.left, x2: width - EDGE.right, y1: HEIGHT - EDGE.bottom, y2: HEIGHT - EDGE.bottom }),
    timeTicks(from, to, width - EDGE.left - EDGE.right).map(({ time, text }) => svg("g", {},
      svg("line", { class: "axis-line", x1: x(time), x2: x(time), y1: HEIGHT - EDGE.bottom, y2: HEIGHT - EDGE.bottom + 4 }),
      svg("text", { class: "axis-text", x: x(time), y: HEIGHT - EDGE.bottom + 16, "text-anchor": "middle" }, text))),
    svg("text", { class: "axis-text", x: 0, y: 10 }, chart.unit),
    svg("text", { class: "axis-text", x: (width + EDGE.left) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, "date of measurement"),
    chart.series.map((series, index) => [
      svg("polyline", { class: `series series-${index % 3}`, points: series.points.map(({ time, value }) => `${x(time)},${y(value)}`).join(" ") }),
      ...series.points.map(({ time, value }) => svg("g", {},
        svg("title", {}, `${series.name} ${number.format(value)} ${chart.unit}, ${dayText(time)}`), markAt(index, x(time), y(value)))),
    ]));
}

function markAt(index, x, y) {
  const look = `mark series-${index % 3}`;
  if (index % 3 === 1) return svg("rect", { class: look, x: x - 3, y: y - 3, width: 6, height: 6 });
  if (index % 3 === 2) return svg("path", { class: look, d: `M${x} ${y - 4}l4 7h-8z` });
  return svg("circle", { class: look, cx: x, cy: y, r: 3 });
}

function legendOf(chart) {
  return h("ul", { class: "legend" }, chart.series.map((series, index) => h("li", {},
    svg("svg", { viewBox: "0 0 28 12", "aria-hidden": "true" },
      svg("line", { class: `series series-${index % 3}`, x1: 0, x2: 28, y1: 6, y2: 6 }), markAt(index, 14, 6)),
    series.name)));
}

/** [time, value of each series or undefined], the latest first. */
function rowsOf(chart) {
  const rows = new Map();
  chart.series.forEach((series, index) => series.points.forEach(({ time, value }) => {
    if (!rows.has(time)) rows.set(time, new Array(chart.series.length).fill(undefined));
    rows.get(time)[index] = value;
  }));
  return [...rows].sort(([a], [b]) => b - a);
}

function tableOf(chart) {
  const heads = chart.series.length > 1 ? chart.series.map(({ name }) => name) : ["Value"];
  return table(`${chart.title}, in ${chart.unit}`, ["Date", ...heads],
    rowsOf(chart).map(([time, values]) => [dayText(time), ...values.map((value) => (value === undefined ? "" : number.format(value)))]));
}
