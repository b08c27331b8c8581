// What the granted scope lets the app see: enough to say "not shared" instead of asking in vain.
// SMART App Launch 2.2, scopes for requesting FHIR resources; the server decides, this only predicts.

const SHAPE = /^(?:patient|user|system)\/(\*|[A-Z][A-Za-z]*)\.(read|write|\*|c?r?u?d?s?)(?:\?(.+))?$/;
const V1 = { read: "rs", write: "cud", "*": "cruds" };

/** Whether a search for `type` (of `category`, for observations) is within one of the granted scopes. */
export function isShared(scope, type, category) {
  return scope.split(" ").some((each) => {
    const match = SHAPE.exec(each);
    if (!match) return false;
    const [, resource, suffix, query] = match;
    const letters = V1[suffix] ?? suffix;
    return (resource === "*" || resource === type) && letters.includes("s") && fits(query, category);
  });
}

function fits(query, category) {
  const wanted = new URLSearchParams(query ?? "").getAll("category");
  if (!category || wanted.length === 0) return true;
  return wanted.every((list) => list.split(",").some((token) => token.split("|").at(-1) === category));
}
