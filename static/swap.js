// Parts of pages that htmx fetches: an answer that is no such part is shown as the page that it is.
'use strict';

document.addEventListener('htmx:beforeSwap', (event) => {
  const answered = new URL(event.detail.xhr.responseURL);
  const asked = new URL(event.detail.pathInfo.finalRequestPath, window.location.href);
  const elsewhere = answered.pathname !== asked.pathname; // such as the sign-in page
  const refused = event.detail.xhr.status === 422; // a form with its errors
  if (!elsewhere && !refused) return;
  event.detail.shouldSwap = false;
  if (asked.pathname === window.location.pathname) window.location.assign(asked);
  else window.location.reload();
});
