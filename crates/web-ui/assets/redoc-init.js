// Starts Redoc. The page's content security policy allows no inline script, so it is here.
"use strict";

window.Redoc.init(
  "/api/schema/?format=json",
  {
    // Descriptions are cleaned before they are shown: their HTML may format, not act.
    sanitize: true,
    // The default theme names web fonts, which would have to come from another server.
    theme: {
      typography: {
        fontFamily: "system-ui, sans-serif",
        headings: { fontFamily: "system-ui, sans-serif" },
        code: { fontFamily: "ui-monospace, monospace" },
      },
    },
  },
  document.getElementById("docs"),
);
