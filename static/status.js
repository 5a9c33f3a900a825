// Status page: say aloud what changed, keep the title true, and leave when the session has ended.
'use strict';

(() => {
  const announcement = document.getElementById('status-announcement');

  function follow() {
    const progress = document.getElementById('progress');
    if (!progress) return;
    document.title = progress.dataset.title;
    // Only what is new: the numbers change every second, the state twice.
    if (announcement.textContent !== progress.dataset.announcement) {
      announcement.textContent = progress.dataset.announcement;
    }
  }

  document.addEventListener('htmx:beforeSwap', (event) => {
    const answered = new URL(event.detail.xhr.responseURL);
    const asked = new URL(event.detail.pathInfo.finalRequestPath, window.location.href);
    if (answered.pathname !== asked.pathname) {
      // The answer is another page, such as the sign-in page: show it as a page.
      event.detail.shouldSwap = false;
      window.location.reload();
    }
  });
  document.addEventListener('htmx:afterSettle', follow);
})();
