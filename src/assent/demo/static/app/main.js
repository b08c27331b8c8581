// The redirect URI: trade the code for tokens (the library does), then show the record.

import { h } from "../dom.js";
import { describeLaunch, keepLaunch, readToken } from "../tokens.js";
import { ended, failed, notLaunched, refusal } from "./messages.js";
import { ageOf, dayOf, nameOf } from "./records.js";
import { sectionsOf } from "./sections.js";
import { takeStyle } from "./style.js";

const content = document.getElementById("content");
const query = new URLSearchParams(location.search);

async function start() {
  // a public client has to name itself when it refreshes (RFC 6749 3.2.1)
  FHIR.oauth2.settings.refreshTokenWithClientId = true;
  const refused = refusal(query);
  if (refused) return content.replaceChildren(refused);
  if (!query.has("code") && !sessionStorage.getItem("SMART_KEY")) return content.replaceChildren(notLaunched());
  const settings = await (await fetch("settings.json")).json();
  checkIssuer(settings);
  const client = await FHIR.oauth2.ready();
  if (!client.getState("tokenResponse.access_token")) return content.replaceChildren(notLaunched());
  keepLaunch(client.state);
  await takeStyle(client.getState("tokenResponse.smart_style_url")).catch(() => undefined);
  show(client, settings);
}

/** The answer must come from the server that was asked (RFC 9207 2.4); the library does not look. */
function checkIssuer({ issuer }) {
  const iss = query.get("iss");
  if (iss === null) return;
  if (iss !== issuer) throw new Error(`This answer comes from ${iss}; the app asked ${issuer}.`);
  query.delete("iss");
  history.replaceState(null, "", `${location.pathname}${query.size > 0 ? `?${query}` : ""}`);
}

function show(client, settings) {
  const { scope = "", patient, encounter, intent, need_patient_banner: banner } = client.state.tokenResponse;
  const onEnd = () => content.replaceChildren(ended());
  const person = h("div", { class: "person", id: "person" });
  const sections = patient
    ? sectionsOf(client, { scope, patient, intent }, onEnd)
    : { parts: [h("p", { class: "note" }, "No patient is in context: launch/patient was not granted.")], done: Promise.resolve() };
  content.replaceChildren(...(banner === false ? [] : [person]), ...sections.parts, accessOf(client, settings));
  const described = patient && banner !== false ? describePerson(client, person, encounter) : undefined;
  Promise.all([sections.done, described]).then(() => document.documentElement.setAttribute("data-ready", ""));
}

async function describePerson(client, place, encounter) {
  const visit = encounter ? h("span", { class: "visit" }, `visit ${encounter}`) : null;
  try {
    const patient = await client.patient.read();
    place.replaceChildren(h("h1", { id: "patient-name" }, nameOf(patient)),
      h("span", {}, patient.birthDate ? `born ${dayOf(patient.birthDate)} (${ageOf(patient.birthDate)})` : "birth date not recorded"),
      ...(visit ? [visit] : []));
  } catch {
    place.replaceChildren(h("h1", {}, "Name not shared"), ...(visit ? [visit] : []));
  }
}

/** Tokens, and everything that ends or renews them. */
function accessOf(client, { issuer }) {
  const tokens = h("div", { id: "tokens" });
  const state = h("p", { id: "token-state", role: "status" });
  const draw = () => {
    tokens.replaceChildren(describeLaunch(client.state));
    state.textContent = stateText(client);
  };
  const refresh = h("button", { type: "button", class: "button quiet", id: "refresh" }, "Refresh the token");
  refresh.disabled = !client.getState("tokenResponse.refresh_token");
  refresh.addEventListener("click", async () => {
    refresh.disabled = true;
    try {
      await client.refresh();
      keepLaunch(client.state);
      draw();
      state.textContent = `Refreshed. ${state.textContent}`;
      refresh.disabled = false;
    } catch (error) {
      state.textContent = `The server refused to refresh: ${error.message}`;
    }
  });
  draw();
  return h("section", { class: "access", "aria-labelledby": "access-title" },
    h("h2", { id: "access-title" }, "This app’s access"),
    state,
    h("p", { class: "act" },
      refresh,
      h("a", { class: "button quiet", id: "take-back", href: `${issuer}/oauth/revoke` }, "Take the access back"),
      h("button", { type: "button", class: "button quiet", id: "sign-out", onclick: () => signOut(client) }, "Sign out")),
    h("details", { id: "tokens-panel" }, h("summary", {}, "Tokens, decoded"), tokens));
}

function stateText(client) {
  const until = client.state.expiresAt ? `The access token is valid until ${new Date(client.state.expiresAt * 1000).toLocaleTimeString("en-GB")}. ` : "";
  return until + (client.getState("tokenResponse.refresh_token")
    ? "The app can renew it."
    : "The app has no refresh token, so it cannot renew it.");
}

/** Give the refresh token back (RFC 7009), forget everything, and end the sign-in session (OIDC RP-Initiated Logout). */
async function signOut(client) {
  const { tokenResponse, clientId, serverUrl } = client.state;
  const discovery = await (await fetch(`${serverUrl}/.well-known/smart-configuration`)).json().catch(() => ({}));
  if (tokenResponse.refresh_token && discovery.revocation_endpoint) {
    const form = new URLSearchParams({ token: tokenResponse.refresh_token, token_type_hint: "refresh_token", client_id: clientId });
    await fetch(discovery.revocation_endpoint, { method: "POST", body: form }).catch(() => undefined);
  }
  sessionStorage.clear();
  const target = new URL(discovery.end_session_endpoint ?? "/oauth/logout", location);
  if (readToken(tokenResponse.id_token)) {
    target.searchParams.set("id_token_hint", tokenResponse.id_token);
    target.searchParams.set("post_logout_redirect_uri", new URL("/", location).href);
  }
  location.assign(target);
}

start().catch((error) => content.replaceChildren(failed(error)));
