// The launch URI. With `iss` and `launch` in the query: an EHR launch; else a standalone one, by `preset` or `scope`.

import { h } from "../dom.js";
import { failed } from "./messages.js";

const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";

const RESULTS = `patient/Observation.rs?category=${CATEGORY}|laboratory patient/Observation.rs?category=${CATEGORY}|vital-signs`;

export const PRESETS = {
  ehr: "launch openid fhirUser online_access patient/*.rs user/Practitioner.rs",
  patient: "launch/patient openid fhirUser offline_access patient/*.rs",
  clinician: "launch/patient openid fhirUser online_access patient/*.rs user/Practitioner.rs",
  user: "launch/patient openid fhirUser online_access user/*.rs",
  // each kind of record asked for on its own, so that a person can say yes to some
  kinds: "launch/patient openid fhirUser offline_access patient/Patient.r "
    + `${RESULTS} patient/Condition.rs patient/MedicationRequest.rs patient/AllergyIntolerance.rs`,
  granular: `launch/patient openid fhirUser patient/Patient.r ${RESULTS}`,
};

const content = document.getElementById("content");
const query = new URLSearchParams(location.search);

/** What to hand to the library, or an Error that names the mistake. */
function readRequest(settings) {
  const iss = query.get("iss");
  if (iss && iss !== settings.fhir_base) {
    // an app that follows any `iss` hands its users to any server
    throw new Error(`This app belongs to ${settings.fhir_base} and does not open records of ${iss}.`);
  }
  const preset = query.get("preset") ?? (query.get("launch") ? "ehr" : "patient");
  if (!Object.hasOwn(PRESETS, preset)) throw new Error(`There is no preset “${preset}”; there are ${Object.keys(PRESETS).join(", ")}.`);
  return {
    iss: settings.fhir_base,
    clientId: settings.client_id,
    redirectUri: settings.redirect_uri,
    scope: query.get("scope") ?? PRESETS[preset],
    pkceMode: "required",
  };
}

/** The authorization URL with what the library has no option for. */
function withSignIn(url) {
  const whole = new URL(url);
  for (const name of ["prompt", "login_hint"]) if (query.has(name)) whole.searchParams.set(name, query.get(name));
  return whole.href;
}

async function start() {
  const settings = await (await fetch("settings.json")).json();
  const request = readRequest(settings);
  if (window.self !== window.top) return offerWindow(request);
  location.replace(withSignIn(await FHIR.oauth2.authorize({ ...request, noRedirect: true })));
}

/** In a frame: people sign in in a window of its own, since sign-in pages refuse to be framed. */
function offerWindow(request) {
  const open = () => FHIR.oauth2.authorize({ ...request, target: "popup", completeInTarget: false }).catch(show);
  content.replaceChildren(h("div", { class: "message" },
    h("p", {}, "You sign in in a small window, where you can see its address."),
    h("p", { class: "act" }, h("button", { type: "button", class: "button", id: "sign-in", onclick: open }, "Sign in"))));
}

function show(error) {
  content.replaceChildren(failed(error));
}

start().catch(show);
