// What came back from a launch: kept for the start page, decoded, explained.
// Decoding is not verifying: an app that trusts an id_token checks its signature, issuer and audience first.

import { h } from "./dom.js";

const STORED = "assent-demo-last-launch";

const MEANINGS = {
  iss: "who issued it",
  sub: "the person, as this server names her to apps",
  aud: "whom it is meant for",
  exp: "valid until",
  iat: "issued at",
  nbf: "not valid before",
  auth_time: "when the person signed in",
  jti: "this token's own id",
  client_id: "the app",
  scope: "what was granted",
  fhirUser: "the person's own FHIR resource",
  nonce: "ties it to the app's request",
  acr: "how surely the person was recognised",
  amr: "how she signed in",
  patient: "whose record",
  encounter: "which visit",
  sid: "the sign-in session",
  alg: "how it is signed",
  kid: "with which key",
  typ: "what it is",
  token_type: "how to send it",
  expires_in: "seconds it was valid for when issued",
  need_patient_banner: "whether the app must show who the patient is",
  smart_style_url: "the look the EHR asks for",
  intent: "what the app was opened for",
  tenant: "the organization",
  fhirContext: "other resources in context",
  access_token: "what the app sends to the FHIR server",
  refresh_token: "what the app trades for the next access token",
  id_token: "who signed in",
};

const INSTANTS = new Set(["exp", "iat", "nbf", "auth_time"]);

/** Header and claims of a JWT; null for a token that is none. */
export function readToken(text) {
  const parts = String(text ?? "").split(".");
  if (parts.length !== 3) return null;
  try {
    return { header: readPart(parts[0]), claims: readPart(parts[1]) };
  } catch {
    return null;
  }
}

function readPart(part) {
  const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

export function shorten(text) {
  return text.length <= 40 ? text : `${text.slice(0, 16)}…${text.slice(-6)} (${text.length} characters)`;
}

/** Keep a launch for the start page. The refresh token stays with the app: the page only says that there is one. */
export function keepLaunch({ serverUrl, clientId, tokenResponse }) {
  const shown = { ...tokenResponse };
  if (shown.refresh_token) shown.refresh_token = shorten(shown.refresh_token);
  localStorage.setItem(STORED, JSON.stringify({ at: Date.now(), serverUrl, clientId, tokenResponse: shown }));
}

export function lastLaunch() {
  try {
    return JSON.parse(localStorage.getItem(STORED));
  } catch {
    return null;
  }
}

export function whenever(listener) {
  addEventListener("storage", (event) => event.key === STORED && listener());
}

/** Everything about one token response, for people who build apps. */
export function describeLaunch({ tokenResponse }) {
  const { scope = "", ...members } = tokenResponse;
  const access = readToken(tokenResponse.access_token);
  const identity = readToken(tokenResponse.id_token);
  return h("div", { class: "token-grid" },
    card("Token response", rows(shortened(members)),
      h("h4", {}, "scope: what was granted"),
      h("ul", { class: "scope-list" }, scope.split(" ").filter(Boolean).map((each) => h("li", {}, h("code", {}, each))))),
    tokenCard("Access token", access, "It is for the FHIR server; to an app it is opaque."),
    tokenCard("ID token", identity, identity ? "Decoded here, not verified." : "Not given: openid was not granted."));
}

function tokenCard(title, token, remark) {
  if (!token) return card(title, h("p", {}, remark));
  return card(title,
    h("h4", {}, "Header"), rows(token.header),
    h("h4", {}, "Claims"), rows(token.claims),
    h("p", { class: "compact" }, remark));
}

function card(title, ...content) {
  return h("section", { class: "token" }, h("h3", {}, title), ...content);
}

function shortened(members) {
  return Object.fromEntries(Object.entries(members).map(([name, value]) =>
    [name, typeof value === "string" && name.endsWith("_token") ? shorten(value) : value]));
}

function rows(members) {
  return h("table", {}, h("tbody", {}, Object.entries(members).map(([name, value]) =>
    h("tr", {},
      h("th", { scope: "row" }, h("code", {}, name)),
      h("td", {}, textOf(name, value), Object.hasOwn(MEANINGS, name) ? h("small", {}, MEANINGS[name]) : null)))));
}

function textOf(name, value) {
  if (INSTANTS.has(name) && typeof value === "number") return `${value} · ${new Date(value * 1000).toLocaleString("en-GB")}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
