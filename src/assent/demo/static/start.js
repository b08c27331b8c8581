// The start page: the last launch's tokens, and whether they still work. Everything else there is plain HTML.

import { describeLaunch, lastLaunch, readToken, whenever } from "./tokens.js";

const summary = document.getElementById("last-launch");
const toggle = document.getElementById("show-tokens");
const panel = document.getElementById("tokens");
const check = document.getElementById("check-token");
const outcome = document.getElementById("token-check");

function showLast() {
  const launch = lastLaunch();
  if (!launch) return;
  const { tokenResponse } = launch;
  const who = readToken(tokenResponse.id_token)?.claims.fhirUser?.split("/").slice(-2).join("/") ?? "somebody";
  const whose = tokenResponse.patient ? ` for Patient/${tokenResponse.patient}` : "";
  summary.textContent = `${new Date(launch.at).toLocaleTimeString("en-GB")}: ${who}${whose}, ${(tokenResponse.scope ?? "").split(" ").filter(Boolean).length} scopes.`;
  toggle.hidden = false;
  check.hidden = !tokenResponse.access_token;
  if (!panel.hidden) document.getElementById("tokens-content").replaceChildren(describeLaunch(launch));
}

toggle.addEventListener("click", () => {
  panel.hidden = !panel.hidden;
  toggle.setAttribute("aria-expanded", String(!panel.hidden));
  toggle.textContent = panel.hidden ? "Show them decoded" : "Hide them";
  showLast();
  if (!panel.hidden) document.getElementById("tokens-title").focus();
});

/** A read that any patient app may do, or one that needs no patient. */
function probe({ serverUrl, tokenResponse }) {
  return `${serverUrl}/Patient${tokenResponse.patient ? `/${encodeURIComponent(tokenResponse.patient)}` : "?_count=1"}`;
}

check.addEventListener("click", async () => {
  const launch = lastLaunch();
  outcome.textContent = "Asking the FHIR server…";
  try {
    const answer = await fetch(probe(launch), { headers: { Authorization: `Bearer ${launch.tokenResponse.access_token}` } });
    outcome.textContent = verdict(answer.status);
  } catch {
    outcome.textContent = "The FHIR server did not answer. Is the demo running?";
  }
});

function verdict(status) {
  if (status === 401) return "401: no. The token was taken back or has run out.";
  if (status === 403) return "403: the token is alive, but reading the patient was not granted.";
  return status < 300 ? `${status}: yes, it still works.` : `${status}: the server could not tell.`;
}

whenever(showLast);
showLast();
