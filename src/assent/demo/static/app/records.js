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

/** UCUM's spelling of units that people write otherwise. */
const UNITS = { "mm[Hg]": "mmHg", "beats/minute": "/min", "breaths/minute": "/min", Cel: "°C", "10*3/uL": "10³/µL", "10*6/uL": "10⁶/µL" };

export function unitOf({ unit, code }) {
  const written = unit ?? code ?? "";
  return UNITS[written] ?? written;
}

export function quantityText(quantity) {
  return `${new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 }).format(quantity.value)} ${unitOf(quantity)}`.trim();
}

export function valueOf(observation) {
  if (observation.valueQuantity) return quantityText(observation.valueQuantity);
  if (observation.valueCodeableConcept) return wordsOf(observation.valueCodeableConcept);
  return observation.valueString ?? (observation.component ?? []).map((part) => `${wordsOf(part.code)} ${valueOf(part)}`).join(", ");
}

/** Short names of what the app knows; LOINC's own are longer than a chart's title. */
const TITLES = {
  "85354-9": "Blood pressure", "8480-6": "Systolic", "8462-4": "Diastolic", "2708-6": "Oxygen saturation",
  "59408-5": "Oxygen saturation", "39156-5": "Body mass index",
};

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

const titleOf = (thing) => TITLES[codeOf(thing)] ?? wordsOf(thing.code);

function addPoint(charts, observation, part, time) {
  const code = codeOf(observation);
  if (!charts.has(code)) charts.set(code, { code, title: titleOf(observation), unit: unitOf(part.valueQuantity), series: new Map() });
  const { series } = charts.get(code);
  const key = codeOf(part);
  if (!series.has(key)) series.set(key, { name: titleOf(part), points: [] });
  series.get(key).points.push({ time, value: part.valueQuantity.value });
}
