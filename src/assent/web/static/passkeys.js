// Asks the browser for a passkey where a form says so (`data-passkey` is create or get, `data-options` what we ask),
// puts the answer into the form's field `passkey`, and sends it. The only script on our pages; the strict policy of the
// pages that have it lets nothing else run. Source: Web Authentication Level 2, 5.1.
//
// Without it, and in a browser without passkeys, the form stays hidden and the page's other ways are there.

const fromText = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
};

const toText = (buffer) => {
  if (!buffer) return undefined;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

const withIds = (descriptors) => descriptors?.map((one) => ({ ...one, id: fromText(one.id) }));

const ask = {
  create: (options) =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: fromText(options.challenge),
        user: { ...options.user, id: fromText(options.user.id) },
        excludeCredentials: withIds(options.excludeCredentials),
      },
    }),
  get: (options) =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: fromText(options.challenge),
        allowCredentials: withIds(options.allowCredentials),
      },
    }),
};

const written = (credential) => {
  const { response } = credential;
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: toText(response.userHandle),
    },
  });
};

const prepare = (form) => {
  const button = form.querySelector("button");
  const failed = form.querySelector("[data-failed]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    try {
      form.elements.passkey.value = written(await ask[form.dataset.passkey](JSON.parse(form.dataset.options)));
      form.submit();
    } catch {
      // refused, cancelled or too slow: the browser has said so, and tells scripts no more
      failed.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
  form.hidden = false;
  document.querySelector("[data-without-passkeys]")?.remove();
};

if (window.PublicKeyCredential) {
  document.querySelectorAll("form[data-passkey]").forEach(prepare);
}
