// The parts of the page, each filled on its own: what was not granted says so, and what fails does not stop the rest.

import { h, table } from "../dom.js";
import { figureOf } from "./chart.js";
import { chartsOf, dayOf, search, timeOf, valueOf, wordsOf } from "./records.js";
import { isShared } from "./scopes.js";

const FIRST = ["85354-9", "8867-4", "29463-7"];

const LISTS = [
  {
    id: "lab-results", title: "Lab results", type: "Observation", category: "laboratory",
    query: "category=laboratory&_count=100&_sort=-date", head: ["Date", "Test", "Result"],
    row: (each) => [dayOf(timeOf(each)), wordsOf(each.code), valueOf(each)],
  },
  {
    id: "conditions", title: "Conditions", type: "Condition",
    query: "_count=100", head: ["Condition", "State", "Since"],
    row: (each) => [wordsOf(each.code), wordsOf(each.clinicalStatus), dayOf(each.onsetDateTime ?? each.recordedDate)],
  },
  {
    id: "medicines", title: "Medicines", type: "MedicationRequest",
    query: "_count=100", head: ["Medicine", "State", "Prescribed"],
    row: (each) => [medicineOf(each), each.status ?? "", dayOf(each.authoredOn)],
  },
  {
    id: "allergies", title: "Allergies", type: "AllergyIntolerance",
    query: "_count=100", head: ["To what", "State", "Noted"],
    row: (each) => [wordsOf(each.code), wordsOf(each.clinicalStatus), dayOf(each.recordedDate ?? each.onsetDateTime)],
  },
];

const medicineOf = (request) => wordsOf(request.medicationCodeableConcept) || request.medicationReference?.display || "a medicine";

export function notShared(what) {
  return h("p", { class: "not-shared" }, `Not shared: the app was not allowed to see ${what}.`);
}

function trouble(error) {
  return h("p", { class: "alert", role: "alert" }, `This could not be read (${error.status ?? "no answer"}). `,
    error.status === 429 || error.status >= 500 || !error.status ? "Try again in a minute." : "The rest of the page is not affected.");
}

/** Run `load` and put its content into `place`; a refusal reads as "not shared". */
async function fillIn(place, what, shared, load, onEnd) {
  if (!shared) return place.replaceChildren(notShared(what));
  try {
    place.replaceChildren(await load());
  } catch (error) {
    if (error.status === 401) return onEnd();
    place.replaceChildren(error.status === 403 ? notShared(what) : trouble(error));
  }
}

/** Sections that need a patient in context; `onEnd` is called when the access turns out to have ended. */
export function sectionsOf(client, { scope, patient, intent }, onEnd) {
  const vitals = h("div", {}, h("p", {}, "Reading…"));
  const lists = LISTS.map((list) => ({ list, place: h("div", {}, h("p", {}, "Reading…")) }));
  const jobs = [
    fillIn(vitals, "vital signs", isShared(scope, "Observation", "vital-signs"), () => readVitals(client, patient), onEnd),
    ...lists.map(({ list, place }) => fillIn(place, list.title.toLowerCase(), isShared(scope, list.type, list.category),
      () => readList(client, patient, list), onEnd)),
  ];
  const parts = [
    h("section", { id: "vital-signs", "aria-labelledby": "vitals-title" }, h("h2", { id: "vitals-title" }, "Vital signs"), vitals),
    h("div", { class: "lists" }, lists.map(({ list, place }) =>
      h("section", { class: "list-card", id: list.id, "aria-labelledby": `${list.id}-title` }, h("h2", { id: `${list.id}-title` }, list.title), place))),
  ];
  if (intent === "lab-results") parts.reverse();
  return { parts, done: Promise.all(jobs) };
}

async function readVitals(client, patient) {
  const found = await search(client, `Observation?patient=${encodeURIComponent(patient)}&category=vital-signs&_count=500`);
  const charts = chartsOf(found).sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title));
  if (charts.length === 0) return h("p", {}, "None recorded.");
  const rest = charts.slice(FIRST.length);
  return h("div", {},
    h("div", { class: "charts", id: "charts" }, charts.slice(0, FIRST.length).map(figureOf)),
    rest.length > 0 ? h("details", { class: "more" }, h("summary", {}, `${rest.length} more`), h("div", { class: "charts" }, rest.map(figureOf))) : null);
}

const rank = ({ code }) => (FIRST.includes(code) ? FIRST.indexOf(code) : FIRST.length);

async function readList(client, patient, list) {
  const found = await search(client, `${list.type}?patient=${encodeURIComponent(patient)}&${list.query}`);
  if (found.length === 0) return h("p", {}, "None recorded.");
  return h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": list.title },
    table(`${found.length} in all`, list.head, found.map(list.row)));
}
