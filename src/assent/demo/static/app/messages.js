// What the app says when there is no record to draw, and whose turn it is then.

import { h } from "../dom.js";

const ERRORS = {
  access_denied: ["Nothing was shared", "You, or this server, said no. That is fine: the app has no access."],
  invalid_scope: ["The app asked for something that it may not have", "Its maker has to change the scopes it asks for, or its registration."],
  unauthorized_client: ["The app may not do this", "Its registration does not allow this kind of launch."],
  invalid_request: ["The app sent a request that the server cannot accept", "Its maker can look the reference up."],
  login_required: ["You have to sign in first", "Launch the app again."],
  server_error: ["The server has a fault", "Try again in a minute."],
};

export function message(title, ...content) {
  return h("div", { class: "message" }, h("h1", {}, title), ...content);
}

/** The answer to an error that came back to the redirect URI, or null when there is none in `query`. */
export function refusal(query) {
  const error = query.get("error");
  if (!error) return null;
  const [title, advice] = Object.hasOwn(ERRORS, error) ? ERRORS[error] : ["The launch did not succeed", "The server's words are below."];
  return message(title, h("p", {}, advice),
    h("p", {}, h("code", {}, error), query.get("error_description") ? `: ${query.get("error_description")}` : ""),
    again());
}

export function notLaunched() {
  return message("No record is open", h("p", {}, "This app is opened by a launch. Choose one:"), again());
}

export function ended() {
  return message("This access has ended",
    h("p", {}, "It was taken back, or its time is over. The app can see nothing more until somebody allows it again."), again());
}

export function failed(error) {
  return message("The app could not be opened", h("p", {}, String(error?.message ?? error)),
    h("p", {}, "If a page was reloaded or opened twice, launch again: a code works once."), again());
}

function again() {
  return h("ul", {},
    h("li", {}, h("a", { href: "/demo/app/launch.html?preset=kinds" }, "Launch as a patient")),
    h("li", {}, h("a", { href: "/demo/app/launch.html?preset=clinician" }, "Launch as a clinician")),
    h("li", {}, h("a", { href: "/demo/ehr/" }, "Launch from the EHR")),
    h("li", {}, h("a", { href: "/" }, "Back to the start page")));
}
