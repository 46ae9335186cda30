// Sends the forms of the pages that links in mails lead to. Their content security policy allows no
// inline script, so it is here.
"use strict";

const secret = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
// Out of the address bar and the history, where others may see it.
history.replaceState(null, "", location.pathname);

const post = async (address, body, token) => {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (token) {
    headers.Authorization = `Token ${token}`;
  }
  const options = { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" };
  const response = await fetch(address, { ...options, cache: "no-store" });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) {
    const { second_factor: factor, ...messages } = answer;
    throw Object.assign(new Error(Object.values(messages).flat().join(" ")), { factor });
  }
  return answer;
};

// What each address of the API wants, and what is said when it went well.
const ways = {
  "/api/auth/register/": async (address, body) => {
    const { access, profile } = await post(address, body);
    await post("/api/auth/token/revoke/", {}, access);
    return `You are a member of ${profile.organization.name}. Sign in to begin.`;
  },
  "/api/invites/accept/": async (address, { token, ...credentials }) => {
    const { access } = await post("/api/auth/token/", credentials);
    try {
      await post(address, { token }, access);
    } finally {
      await post("/api/auth/token/revoke/", {}, access);
    }
    return "You are a member of the workspace now.";
  },
};
const plainly = async (address, body) => (await post(address, body)).detail;

for (const form of document.querySelectorAll("form[data-address]")) {
  const { address, secret: name } = form.dataset;
  const [status, button] = [form.querySelector("[role=status]"), form.querySelector("button")];
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const fields = [...new FormData(form)].filter(([, value]) => value !== "");
    try {
      const body = { ...Object.fromEntries(fields), [name]: secret };
      status.textContent = await (ways[address] ?? plainly)(address, body);
      for (const control of form.elements) {
        control.disabled = true;
      }
    } catch (error) {
      const isMissing = error.factor?.includes("required");
      if (isMissing) {
        form.querySelector("[data-second-factor]").hidden = false;
      }
      const message = isMissing ? "Now the code of your second factor." : error.message;
      status.textContent = message || "That did not work. Please try again.";
      button.disabled = false;
    }
  });
  if (!secret) {
    status.textContent = "Open the link in the mail again: the address here has no secret.";
    button.disabled = true;
  }
}
