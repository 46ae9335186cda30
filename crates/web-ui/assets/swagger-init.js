// Starts Swagger UI. The page's content security policy allows no inline script, so it is here.
"use strict";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const followColourScheme = () =>
  document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followColourScheme);
followColourScheme();

// Somebody who is signed in with a session needs the CSRF token to try out a writing operation.
// Requests that carry an Authorization header do not need it, and other origins never see it.
const csrfToken = () => /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie)?.[1];

window.SwaggerUIBundle({
  url: "/api/schema/?format=json",
  dom_id: "#docs",
  deepLinking: true,
  filter: true,
  persistAuthorization: false,
  // Without this, the document's address would be sent to a public validator.
  validatorUrl: null,
  requestInterceptor: (request) => {
    const token = csrfToken();
    const ours = new URL(request.url, location.href).origin === location.origin;
    if (ours && token) {
      request.headers["X-CSRFToken"] = decodeURIComponent(token);
    }
    return request;
  },
});
