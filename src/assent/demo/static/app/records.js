// FHIR reads through the library, and the few facts that the app shows of each resource.

const PAGES = 5;

export async function search(client, query) {
  return client.request(query, { pageLimit: PAGES, flat: true });
}

export function nameOf(resource) {
  const names = resource.name ?? [];
  const name = names.find((each) => each.use === "official") ?? names[0] ?? {};
  return name.text ?? [...(name.given ?? []), name.family].filter(Boolean).join(" ");
}

export function wordsOf(concept) {
  return concept?.text ?? concept?.coding?.find((coding) => coding.display)?.display ?? concept?.coding?.[0]?.code ?? "";
}

export function dayOf(text) {
  if (!text) return "";
  const date = new Date(text.length === 4 ? `${text}-01-01` : text);
  return Number.isNaN(date.getTime()) ? text : date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

export function ageOf(birthDate, now = new Date()) {
  const born = new Date(birthDate);
  const before = now.getMonth() < born.getMonth() || (now.getMonth() === born.getMonth() && now.getDate() < born.getDate());
  return now.getFullYear() - born.getFullYear() - (before ? 1 : 0);
}

export function timeOf(observation) {
  return observation.effectiveDateTime ?? observation.effectivePeriod?.start ?? observation.issued ?? "";
}

export function quantityText({ value, unit, code }) {
  return `${new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 }).format(value)} ${unit ?? code ?? ""}`.trim();
}

export function valueOf(observation) {
  if (observation.valueQuantity) return quantityText(observation.valueQuantity);
  if (observation.valueCodeableConcept) return wordsOf(observation.valueCodeableConcept);
  return observation.valueString ?? (observation.component ?? []).map((part) => `${wordsOf(part.code)} ${valueOf(part)}`).join(", ");
}

const codeOf = (thing) => thing.code?.coding?.find((coding) => coding.system === "http://loinc.org")?.code ?? wordsOf(thing.code);

/** Measurements as charts: [{ code, title, unit, series: [{ name, points: [{ time, value }] }] }], oldest first. */
export function chartsOf(observations) {
  const charts = new Map();
  for (const observation of observations) {
    const time = Date.parse(timeOf(observation));
    if (Number.isNaN(time)) continue;
    const parts = observation.valueQuantity ? [observation] : observation.component ?? [];
    for (const part of parts.filter((each) => typeof each.valueQuantity?.value === "number")) addPoint(charts, observation, part, time);
  }
  const all = [...charts.values()].map(({ series, ...chart }) => ({ ...chart, series: [...series.values()] }));
  for (const chart of all) for (const each of chart.series) each.points.sort((a, b) => a.time - b.time);
  return all;
}

function addPoint(charts, observation, part, time) {
  const code = codeOf(observation);
  const { value, unit, code: unitCode } = part.valueQuantity;
  if (!charts.has(code)) charts.set(code, { code, title: wordsOf(observation.code), unit: unit ?? unitCode ?? "", series: new Map() });
  const { series } = charts.get(code);
  const key = codeOf(part);
  if (!series.has(key)) series.set(key, { name: wordsOf(part.code), points: [] });
  series.get(key).points.push({ time, value });
}
